"""What can be done: items, bundles, and which hall takes what in which queue.

Knows: items with their papers and questions, bundles with their members, placements (item × hall → queue), how
people here speak, how often was asked about what, and what was searched for in vain. Decides: which items a person's
words mean, what to ask next and which situation her answers make. Announces: CatalogueReplaced, EnquiryNoted,
ItemsPlaced. Asks nobody.
"""
