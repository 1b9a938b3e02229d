"""Who is next: pure rules over arrays, the same for calling and for simulating.

Knows nothing of tables or tickets. Decides the order of the people who wait.
"""
