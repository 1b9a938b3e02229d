"""Signing in, the same for the page and for the API."""

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.people import accounts
from dispatch.people.models import Account
from dispatch.people.refusals import WrongPassword


def sign_in(database: Database, username: str, password: str) -> tuple[Account, str]:
    """The account and a new token. Raises WrongPassword, TooManyFailures; a failure is remembered."""
    try:
        with database.reading() as session:  # the slow hash is computed outside any writing transaction
            accounts.refuse_guessing(session, username, real_now=clock.real_now())
            account = accounts.verify(session, username, password)
    except WrongPassword:
        with database.work() as session:
            accounts.note_failure(session, username, real_now=clock.real_now())
        raise
    with database.work() as session:
        return account, accounts.sign_in(session, account, real_now=clock.real_now())
