"""From one's own words to the exact situation, by plain links and forms."""

import re
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.demo import CITY
from dispatch.pages.shared import answering
from dispatch.pages.shared.answering import Said
from dispatch.wiring.importing import applying
from dispatch.wiring.importing.reading import read_city
from tests.pages.test_waits_shown import words
from tests.standing_city import CARD

ITEMS = [Item(**row) for row in applying.item_rows(read_city(CITY))]
ANSWERED = "answers=who%3Dself&answers=card%3Dplastic"


@pytest.mark.parametrize(
    ("said", "code", "bundle"),
    [
        ("娃要上户口", "PSB-BIRTH", "B-NEWBORN"),
        ("开饭店", "MS-FOOD", "B-RESTAURANT"),
        ("shebaoka diule", "HR-CARDLOST", None),
        ("社保卡丢了", "HR-CARDLOST", None),
    ],
)
def test_words_of_ones_own_find_the_item_and_first_the_bundle_around_it(
    phone: FlaskClient, said: str, code: str, bundle: str | None
) -> None:
    page = phone.get("/", query_string={"q": said}).text
    assert f'<a class="key key-wide key-fruit" href="/items/{code}">' in page
    if bundle:
        assert page.index(f'href="/bundles/{bundle}"') < page.index(f'href="/items/{code}"')


def test_what_is_not_found_says_what_to_do_next(phone: FlaskClient) -> None:
    page = phone.get("/", query_string={"q": "asdfghjkl"}).text
    assert "没找到“asdfghjkl”" in page
    for way in ('href="/items"', 'href="/halls"', 'href="tel:12345"'):
        assert way in page


def test_one_question_a_screen_and_the_answers_stand_in_the_address(phone: FlaskClient) -> None:
    first = phone.get(f"/items/{CARD}").text
    assert first.count("<legend>") == 1
    assert 'name="answers" value="who=self"' in first
    second = phone.get(f"/items/{CARD}?answers=who%3Dself").text
    assert 'type="hidden" name="answers" value="who=self"' in second
    assert 'name="answers" value="card=plastic"' in second
    assert f'class="top-back" href="/items/{CARD}"' in second
    last = phone.get(f"/items/{CARD}?{ANSWERED}").text
    assert "要带什么" in last
    assert f'href="/ways?item={CARD}&amp;{ANSWERED.replace("&", "&amp;")}"' in last
    assert f'href="/notice/{CARD}?{ANSWERED.replace("&", "&amp;")}"' in last


def test_whoever_is_not_sure_goes_on(phone: FlaskClient) -> None:
    page = phone.get(f"/items/{CARD}?unsure=who&unsure=card")
    assert page.status_code == 200
    assert "看看去哪儿办最快" in page.text


@pytest.mark.parametrize(
    "answers", ["answers=who%3Dnobody", "answers=nothing%3Dat_all", "answers=who", "answers=%3D"]
)
def test_answers_that_do_not_fit_are_asked_anew(phone: FlaskClient, answers: str) -> None:
    page = phone.get(f"/items/{CARD}?{answers}")
    assert "<legend>" in page.text
    if "who%3D" in answers:
        assert page.status_code == 422
        assert "请从这里再选一次" in page.text


def test_a_bundle_asks_and_names_what_it_takes(phone: FlaskClient) -> None:
    small = "answers=size%3Dsmall&answers=crowd%3Dno&answers=sign%3Dno&answers=tobacco%3Dno"
    page = words(phone.get(f"/bundles/B-RESTAURANT?{small}").text)
    assert "小餐饮店食品经营登记" in page
    assert "消防安全检查" not in page
    assert "看看去哪儿一趟办完" in page


def test_pages_of_an_item_carry_nothing_inline_and_speak_both_languages(phone: FlaskClient) -> None:
    for path in (f"/items/{CARD}", f"/items/{CARD}?{ANSWERED}", f"/ways?item={CARD}", "/bundles/B-NEWBORN"):
        for lang, said in (("zh", "zh-CN"), ("en", "en")):
            page = phone.get(f"{path}{'&' if '?' in path else '?'}lang={lang}").text
            assert f'<html lang="{said}">' in page
            assert " style=" not in page
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", page)
            assert page.count('id="main"') == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_going_on_ends_and_going_back_leads_through_the_same_screens(data: st.DataObject) -> None:
    """Whatever somebody answers or passes over, she gets to the situation; and back, step by step, to the start."""
    item = data.draw(st.sampled_from(ITEMS))
    said, screens = Said(), [Said()]
    while step := answering.step(item, said):
        assert len(screens) <= len(item.details["situations"])
        choices = [None, *(answer.code for answer in step.question.answers)]
        chosen = data.draw(st.sampled_from(choices))
        code = step.question.code
        key = (answering.UNSURE, code) if chosen is None else (answering.ANSWERS, f"{code}={chosen}")
        address = MultiDict(parse_qsl(Said(said.answers, said.unsure).query))
        address.add(*key)
        said = answering.fitting(item, answering.read(address))
        screens.append(said)
    assert situations.settle(item, said.answers).answers == said.answers
    for screen in reversed(screens[:-1]):
        back = answering.before(item, said)
        assert back is not None
        said = back
        assert said == screen
    assert answering.before(item, said) is None


@settings(max_examples=60, deadline=None)
@given(
    item=st.sampled_from(ITEMS),
    answers=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4),
    unsure=st.lists(st.text(max_size=8), max_size=3),
)
def test_whatever_an_address_says_what_fits_of_it_is_no_trouble(
    item: Item, answers: dict[str, str], unsure: list[str]
) -> None:
    said = answering.fitting(item, Said(answers, unsure))
    assert answering.fitting(item, said) == said
    answering.step(item, said)
