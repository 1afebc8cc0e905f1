import string

import pytest

from gis.messages import Message, say
from maps import catalogue
from maps.words import language_of_environment, language_of_header, translator


@pytest.fixture(scope="module")
def source():
    return catalogue.template()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_catalogues_hold_exactly_what_the_code_says(source, language):
    kept = catalogue.read(language)
    assert {m.id for m in kept if m.id} == {m.id for m in source if m.id}
    assert catalogue.path_of(language, "mo").read_bytes() == catalogue.compiled(kept)
    assert catalogue.path_of(language, "json").read_text("utf-8") == catalogue.script_words(kept)


def test_every_sentence_has_its_chinese():
    assert catalogue.missing(catalogue.read("zh")) == []


def test_the_chinese_has_no_placeholder_that_the_english_lacks():
    def names(template):
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    for message in catalogue.read("zh"):
        if message.id and message.string:
            assert names(message.string) <= names(message.id), message.id


def test_a_message_within_a_message_is_translated_too():
    inner = say("Please sign in.")
    words = translator("zh")
    assert words(say("{message} {remedy}", message=inner, remedy=Message(""))) == "请登录。"
    assert words(Message("")) == ""


@pytest.mark.parametrize(
    "environment, language",
    [
        ({}, "zh"),
        ({"LANG": "C.UTF-8"}, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "WANGGE_LANGUAGE": "en"}, "en"),
    ],
)
def test_the_command_line_speaks_as_the_environment_asks_and_else_chinese(environment, language):
    assert language_of_environment(environment) == language


@pytest.mark.parametrize(
    "header, language",
    [("", "zh"), ("fr,de", "zh"), ("en-GB,en;q=0.9,zh;q=0.8", "en"), ("zh-CN,en", "zh")],
)
def test_a_browser_is_answered_in_the_first_language_that_we_have(header, language):
    assert language_of_header(header) == language
