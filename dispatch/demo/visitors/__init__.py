"""The demo's visitors: a day of citizens and clerks, played over the public interface like any outside program.

Knows: what anybody may read of the city, and what its own sheet of parameters says about people. Decides: who
comes when, for what and by which way, who leaves, how long a service takes, when a clerk opens, rests and closes.
Announces nothing and asks nobody inside: it is a stranger to the rooms. Its share of the load is bounded; when the
city cannot keep up, people stay at home.
"""
