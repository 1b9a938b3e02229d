"""Finding items and bundles in a person's own words: pure, over an index built once for each catalogue.

A text becomes plain (`plain`), is cut into the words that the city knows (`vocabulary`: exact, by pinyin, by a
homophone, by initials, in English, with a typo) and is compared with everything the catalogue says (`index`), and with
what people said before (`sayings`).
"""
