"""The vectors that every language answers: here Python does. `bindings/calls/tests` and `bindings/typescript/test` have
the same test."""

import json
from pathlib import Path

import pytest

from syfthub_sdk import _native, exceptions
from syfthub_sdk._failures import exception_of

VECTORS = Path(__file__).parents[2] / "vectors"
FILES = ["tokens", "slugs", "prompts", "sse", "errors"]


def cases_of(file):
    return json.loads((VECTORS / f"{file}.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("file", FILES)
def test_every_vector_is_answered_byte_for_byte(file):
    cases = cases_of(file)
    assert cases
    for case in cases:
        told = _native.pure(case["operation"], json.dumps(case["arguments"]))
        assert told.encode() == case["expected"].encode(), case["name"]


@pytest.mark.parametrize("escaped", [True, False], ids=["escaped", "as it is"])
def test_it_does_not_matter_how_the_arguments_spell_their_characters(escaped):
    for case in cases_of("slugs") + cases_of("prompts"):
        arguments = json.dumps(case["arguments"], ensure_ascii=escaped)
        assert _native.pure(case["operation"], arguments) == case["expected"], case["name"]


def test_every_error_is_raised_as_the_class_of_its_kind_with_what_the_answer_said():
    for case in cases_of("errors"):
        told = json.loads(case["expected"])
        error = exception_of(case["expected"], case["operation"])
        assert isinstance(error, getattr(exceptions, case["raises"])), case["name"]
        assert (error.status, error.status_code) == (told["status"], told["status"]), case["name"]
        assert (error.code, error.detail) == (told["code"], told["detail"]), case["name"]
        assert error.message == told["message"], case["name"]
        assert error.message in str(error), case["name"]
