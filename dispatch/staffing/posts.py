"""Posts: somebody works for a while in another hall, and may do there what her role may do."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import new_id
from dispatch.halls.models import Hall
from dispatch.people import posts
from dispatch.people.models import Account, Post
from dispatch.staffing import finding, shifts
from dispatch.staffing.news import PostEnded, PostGiven
from dispatch.staffing.refusals import Past, PostNeedless, PostOverlaps
from dispatch.staffing.spans import Span, stamp

LONGEST = timedelta(days=366)


def give(session: Session, account: Account, place: Hall, span: Span, *, now: datetime, actor: Actor) -> Post:
    """Post somebody to a hall for a time. Raises BadSpan, Past, PostNeedless, PostOverlaps.

    A post is the city's fact: it stands in the city's log, not in a hall's.
    """
    shifts.refuse_unsound(span, LONGEST)
    if span.ends <= now:
        raise Past(field="ends")
    if place.path.startswith(finding.home_of(session, account).path):
        raise PostNeedless(username=account.username, field="account")
    shifts.hold(session, account)
    if known := finding.posts_of(session, account.id, span):
        raise PostOverlaps(username=account.username, post=known[0].id, field="starts")
    post = Post(
        id=new_id(),
        account=account.id,
        hall=place.code,
        starts=span.starts,
        ends=span.ends,
        given_by=actor.id,
    )
    session.add(post)
    session.flush()
    news = PostGiven(post.id, account.id, place.code, stamp(span.starts), stamp(span.ends))
    _tell(session, news, now, actor)
    return post


def end(session: Session, post: Post, *, now: datetime, actor: Actor) -> None:
    """The post ends now, or is off if it had not begun; Past once it is over. Shifts there stay, to be dropped."""
    if post.ends <= now:
        raise Past(field="post")
    if post.starts < now:
        post.ends = now
    else:
        session.delete(post)
    session.flush()
    _tell(session, PostEnded(post.id, post.account, post.hall), now, actor)


def scopes(session: Session, account: Account, *, now: datetime) -> tuple[str, ...]:
    """Every path this account may act in at this moment: its own scope and the halls it is posted to."""
    return (finding.home_of(session, account).path, *posts.paths(session, account.id, now=now))


def _tell(session: Session, news: log.Event, now: datetime, actor: Actor) -> None:
    if log.head_of(session, log.CITY) is None:
        log.begin(session, log.CITY, at=now)
    log.announce(session, log.CITY, news, at=now, actor=actor)
