"""What can be done: items, bundles, and which hall takes what in which queue.

Knows: items with their papers and questions, bundles with their members, placements (item × hall → queue),
and how often was asked about what. Decides: which items a person's words mean. Announces: CatalogueReplaced,
EnquiryNoted. Asks nobody.
"""
