"""What each hall can do (可办), and what it often does (常办), as dated versions that a person publishes.

`drawing` makes a list of what is so now, `publishing` keeps it as a version, `finding` tells which one holds on a day,
`differing` how two differ.
"""
