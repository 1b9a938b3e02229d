"""What the verbs are measured against: the same durable writes, each by one statement written by hand.

Row by row what the verbs write, to the last column: the series, the ticket with what an undo of a call needs, the
window's turn, the log's entries and its end, the kept answer where a key came along. The chain is hashed in the
statement and goes on, so that it can be verified after a run. What is not written is left out: hours, discipline,
outages, permissions, the lock on the queue, the estimate of the wait, the hint to boards.
"""

WHO = """
SELECT account.id FROM sign_in JOIN account ON account.id = sign_in.account
WHERE sign_in.digest = %(digest)s AND sign_in.expires > %(now)s AND sign_in.ended IS NULL AND account.active
"""
"""Who calls: as much as any route must ask."""

ISSUE = """
WITH drawn AS (
    INSERT INTO number_series (hall, letter, service_day, last, place)
    VALUES (%(hall)s, 'A', %(day)s, 1, %(now)s)
    ON CONFLICT (hall, letter, service_day) DO UPDATE
    SET last = number_series.last + 1, place = greatest(number_series.place, excluded.place)
    RETURNING last AS n, place
), written AS (
    INSERT INTO ticket (id, hall, queue, letter, n, service_day, state, priority, channel, items, issued_at,
                        place, arrived_at, calls, seat, stage, reactivated, passed)
    SELECT %(id)s, %(hall)s, 'A', 'A', n, %(day)s, 'waiting', 'none', 'counter', '[]', %(now)s,
           place, %(now)s, 0, 0, 1, 0, 0
    FROM drawn RETURNING n
), head AS (
    SELECT log_head.*, n, greatest(at, %(now)s) AS moment
    FROM log_head, written WHERE hall = %(hall)s FOR UPDATE OF log_head
), said AS (
    SELECT *, format(
        '{"actor":"%%s","at":"%%s","data":{"channel":"counter","commitment":null,"items":[],"letter":"A","n":%%s,'
        '"number":"A%%s","person":null,"priority":"none","queue":"A","service_day":"%%s","ticket":"%%s"},'
        '"epoch":%%s,"hall":"%%s","kind":"TicketIssued","seq":%%s,"v":1}',
        %(actor)s::text, to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), n,
        lpad(n::text, greatest(3, length(n::text)), '0'), %(day)s, %(id)s::text, epoch, hall, seq + 1) AS body
    FROM head
), chained AS (
    SELECT *, encode(sha256(decode(hash, 'hex') || convert_to(body, 'UTF8')), 'hex') AS next FROM said
), entry AS (
    INSERT INTO log_entry (hall, seq, epoch, kind, at, prev, hash, body)
    SELECT hall, seq + 1, epoch, 'TicketIssued', moment, hash, next, body FROM chained
), kept AS (
    INSERT INTO kept_answer (scope, asked, status, answer, at)
    SELECT %(scope)s::text, %(scope)s::text, 201,
           replace(%(answer)s, '#number', 'A' || lpad(n::text, greatest(3, length(n::text)), '0'))::json, %(now)s
    FROM chained WHERE %(scope)s::text IS NOT NULL
)
UPDATE log_head SET seq = chained.seq + 1, hash = next, at = moment FROM chained
WHERE log_head.hall = %(hall)s RETURNING n
"""

CALL = """
WITH turn AS (
    UPDATE "window" SET claim = claim + 1, heard_at = %(now)s, lapsed = false
    WHERE id = %(window)s AND state = 'open' RETURNING claim, name
), done AS (
    UPDATE ticket SET state = 'finished', ended_at = %(now)s, started_at = called_at, before = json_build_object(
        'verb', 'finish', 'at', %(now)s::timestamptz, 'by', %(actor)s::text, 'was', json_build_object(
            'state', ticket.state, 'queue', queue, 'window', "window", 'seat', seat, 'called_at', called_at,
            'started_at', started_at, 'ended_at', ended_at, 'parked_at', parked_at, 'calls', calls, 'place', place,
            'stage', stage, 'reactivated', reactivated, 'arrived_at', arrived_at, 'kept_for', kept_for,
            'kept_until', kept_until, 'items', items))
    FROM turn WHERE ticket."window" = %(window)s AND ticket.state IN ('called', 'serving')
    RETURNING ticket.id, ticket.letter, ticket.n, ticket.claim
), first AS (
    SELECT id FROM ticket
    WHERE hall = %(hall)s AND queue = 'A' AND service_day = %(day)s AND state = 'waiting'
    ORDER BY place, n LIMIT 1 FOR UPDATE SKIP LOCKED
), called AS (
    UPDATE ticket SET state = 'called', "window" = %(window)s, called_at = %(now)s, seat = 0,
                      calls = calls + 1, claim = turn.claim, kept_for = NULL, kept_until = NULL,
                      before = json_build_object(
        'verb', 'call', 'at', %(now)s::timestamptz, 'by', %(actor)s::text, 'was', json_build_object(
            'window', NULL, 'seat', 0, 'called_at', NULL, 'started_at', NULL, 'kept_for', kept_for,
            'kept_until', kept_until, 'state', 'waiting'), 'finished', after_done.ids)
    FROM first, turn, (SELECT coalesce(json_agg(id), '[]') AS ids FROM done) AS after_done
    WHERE ticket.id = first.id AND ticket.state = 'waiting'
    RETURNING ticket.id, ticket.letter, ticket.n, ticket.claim
), head AS (
    SELECT log_head.*, greatest(at, %(now)s) AS moment
    FROM log_head, (SELECT count(*) FROM called) AS after_called WHERE hall = %(hall)s FOR UPDATE OF log_head
), news AS (
    SELECT 'TicketFinished' AS kind, 1 AS nth, * FROM done
    UNION ALL SELECT 'TicketCalled', 1 + (SELECT count(*)::int FROM done), * FROM called
), told AS (
    SELECT head.*, kind, nth, news.id AS ticket, n, seq + nth AS next_seq,
           letter || lpad(n::text, greatest(3, length(n::text)), '0') AS number,
           to_char(moment, 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') AS told_at,
           CASE kind WHEN 'TicketFinished' THEN format(
               '"claim":%%s,"number":"%%s%%s","queue":"A","start_imputed":true,"ticket":"%%s","window":"%%s"',
               news.claim, letter, lpad(n::text, greatest(3, length(n::text)), '0'), news.id, %(window)s::text)
           ELSE format(
               '"by":"next","claim":%%s,"instead_of":null,"number":"%%s%%s","queue":"A","service_day":"%%s",'
               '"ticket":"%%s","window":"%%s","window_name":"%%s"',
               news.claim, letter, lpad(n::text, greatest(3, length(n::text)), '0'), %(day)s, news.id,
               %(window)s::text, turn.name)
           END AS data
    FROM head, news, turn
), said AS (
    SELECT *, format('{"actor":"%%s","at":"%%s","data":{%%s},"epoch":%%s,"hall":"%%s","kind":"%%s","seq":%%s,"v":1}',
                     %(actor)s::text, told_at, data, epoch, hall, kind, next_seq) AS body
    FROM told
), one AS (
    SELECT *, hash AS prev, encode(sha256(decode(hash, 'hex') || convert_to(body, 'UTF8')), 'hex') AS next
    FROM said WHERE nth = 1
), two AS (
    SELECT said.*, one.next AS prev,
           encode(sha256(decode(one.next, 'hex') || convert_to(said.body, 'UTF8')), 'hex') AS next
    FROM said, one WHERE said.nth = 2
), chained AS (
    SELECT * FROM one UNION ALL SELECT * FROM two
), entry AS (
    INSERT INTO log_entry (hall, seq, epoch, kind, at, prev, hash, body)
    SELECT hall, seq + nth, epoch, kind, moment, prev, next, body FROM chained
), kept AS (
    INSERT INTO kept_answer (scope, asked, status, answer, at)
    SELECT %(scope)s::text, %(scope)s::text, 200,
           replace(replace(%(answer)s, '#ticket', ticket), '#number', number)::json, %(now)s
    FROM chained WHERE kind = 'TicketCalled' AND %(scope)s::text IS NOT NULL
), last AS (
    SELECT * FROM chained ORDER BY nth DESC LIMIT 1
)
UPDATE log_head SET seq = last.seq + nth, hash = next, at = moment FROM last
WHERE log_head.hall = %(hall)s RETURNING ticket, n
"""

MINIMAL = "UPDATE reference_write SET n = n + 1 WHERE hall = %(hall)s RETURNING n"
"""The smallest durable write there is: one row, one number."""

PREPARE = """
CREATE TABLE reference_write (hall text PRIMARY KEY, n integer NOT NULL DEFAULT 0);
INSERT INTO reference_write (hall) SELECT code FROM hall;
"""
