"""Notices: what people are told, in which words, by which way. So far on paper.

Knows: what stands on a paper ticket, which tickets are to be printed where, and what became of each.
Decides: on which machine a ticket is printed and when to give up. Announces nothing: a ticket's life is not changed
by its paper. Asks tickets, catalogue, people and halls.
"""
