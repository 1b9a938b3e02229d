"""Notices: what people are told, in which words, by which way.

Knows: what stands on a paper ticket, on a one-time notice and on the way to another hall; what is to be printed where,
and what became of each. Decides: on which machine something is printed and when to give up. Announces nothing: a
ticket's life is not changed by its paper. Asks tickets, journeys, catalogue, people and halls.
"""
