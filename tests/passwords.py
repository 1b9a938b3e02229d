"""Passwords hashed at a thousandth of the price: how dear a guess is has its test among those of accounts."""

from argon2 import PasswordHasher

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
