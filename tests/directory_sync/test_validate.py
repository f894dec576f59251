"""What suppliers really send: kept where it can be trusted, refused with record and field."""

from typing import Any

import pytest

from directory_sync.validate import read_service
from tests.directory_sync.feeds import HUB, service


def read(**fields: Any) -> tuple[Any, list[tuple[str, str]]]:
    record, rejects = read_service({**service("a"), **fields})
    assert all(reject.id == "a" for reject in rejects)
    return record, [(reject.field, reject.reason) for reject in rejects]


LEFT_OUT = [
    ("minimum_age", -1, "-1 is no age"),
    ("maximum_age", 999, "999 is no age"),
    ("minimum_age", "sixteen", "'sixteen' is no number"),
    ("url", "javascript:alert(1)", "is no web address"),
    ("url", "example_counselling", "is no web address"),
    ("email", "email-example_com", "is no e-mail address"),
    ("email", False, "is no e-mail address"),
    ("email", 12345, "is no e-mail address"),
    ("assured_date", "soon", "'soon' is no date"),
    ("assured_date", "0001-01-01", "1 is no likely year"),
    ("description", ["a"], "is no text"),
]


@pytest.mark.parametrize(("field", "value", "reason"), LEFT_OUT)
def test_a_field_that_is_wrong_is_left_out_and_reported(
    field: str, value: Any, reason: str
) -> None:
    record, rejects = read(**{field: value})
    assert getattr(record, field) is None
    assert rejects == [(field, reason)]


REFUSED = [
    ("name", None, "is missing"),
    ("name", "  ", "is missing"),
    ("name", "<b></b>", "is missing"),
    ("status", "banana", "'banana' is no status that we know"),
]


@pytest.mark.parametrize(("field", "value", "reason"), REFUSED)
def test_a_record_is_refused_for_its_name_or_status(field: str, value: Any, reason: str) -> None:
    record, rejects = read(**{field: value})
    assert record is None
    assert rejects == [(field, reason)]


@pytest.mark.parametrize("raw", [None, "text", 7, [], ["a"]])
def test_a_record_that_is_no_object_is_named_by_its_place(raw: Any) -> None:
    record, (reject,) = read_service(raw, 4)
    assert record is None
    assert (reject.id, reject.field) == ("record 5", "record")


def test_a_record_without_an_id_is_refused() -> None:
    record, (reject,) = read_service({"name": "x", "status": "active"}, 2)
    assert record is None
    assert (reject.id, reject.field, reject.reason) == ("record 3", "id", "is missing")


KEPT = [
    ("id", 136, "id", "136"),
    ("name", "Tea &amp; <b>toast</b>\u202e\x00", "name", "Tea & toast"),
    ("description", "<p>One.</p><p>Two<script>x()</script></p>", "description", "One. Two"),
    ("description", "a &amp;amp; b", "description", "a & b"),
    ("description", None, "description", None),
    ("url", "www.example.org", "url", "https://www.example.org"),
    ("url", "", "url", None),
    ("minimum_age", "16", "minimum_age", 16),
    ("minimum_age", None, "minimum_age", None),
    ("status", "Active", "status", "active"),
    ("status", None, "status", "active"),
    ("status", "temporarily_closed", "status", "temporarily closed"),
    ("fees", "£2", "fees_description", "£2"),
]


@pytest.mark.parametrize(("field", "value", "name", "kept"), KEPT)
def test_what_can_be_read_is_kept(field: str, value: Any, name: str, kept: Any) -> None:
    record, rejects = read_service({**service("a"), field: value})
    assert not rejects
    assert getattr(record, name) == kept


PLACES = [
    ({"latitude": 100}, "100 is no latitude"),
    ({"longitude": -200}, "-200 is no longitude"),
    ({"latitude": 0, "longitude": 0}, "0, 0 is in the sea"),
    ({"longitude": None}, "stands without its other half"),
    # A real one: a Welsh club in Canada.
    ({"latitude": 51.6, "longitude": -113.9, "addresses": [{"postal_code": "SA1 3SN"}]}, "not in"),
]


@pytest.mark.parametrize(("fields", "reason"), PLACES)
def test_a_place_that_cannot_be_right_loses_its_point(fields: dict[str, Any], reason: str) -> None:
    raw = service("a", at=HUB)
    raw["service_at_locations"][0]["location"].update(fields)
    record, (reject,) = read_service(raw)
    assert record is not None
    assert (record.locations[0].latitude, record.locations[0].longitude) == (None, None)
    assert reason in reject.reason
    assert reject.field.startswith("service_at_locations[0].location.")


TIMES = [
    ("10:00", "10:00"),
    ("10:00:00", "10:00"),
    ("9:30am", "09:30"),
    ("12:00pm", "12:00"),
    ("12am", "00:00"),
    ("5 p.m.", "17:00"),
    ("830am", "08:30"),
    ("24:00", "23:59"),
    ("2023-01-01T09:00:00", "09:00"),
]


@pytest.mark.parametrize(("text", "kept"), TIMES)
def test_times_of_many_kinds(text: str, kept: str) -> None:
    record, rejects = read(schedules=[{"opens_at": text, "byday": "MO", "freq": "WEEKLY"}])
    assert not rejects
    assert record.schedules[0].opens_at.isoformat("minutes") == kept


def test_a_z_on_a_time_is_flagged_and_read_as_local() -> None:
    record, rejects = read(schedules=[{"opens_at": "10:00Z", "closes_at": "25:00"}])
    assert record.schedules[0].opens_at.hour == 10
    assert [field for field, _ in rejects] == ["schedules[0].opens_at", "schedules[0].closes_at"]


def test_ages_the_wrong_way_round_are_both_left_out() -> None:
    record, rejects = read(minimum_age=60, maximum_age=18)
    assert (record.minimum_age, record.maximum_age) == (None, None)
    assert rejects == [("maximum_age", "18 is below the minimum age 60")]


def test_null_and_single_objects_where_lists_should_be() -> None:
    record, rejects = read(
        schedules=None, phones={"number": "0151 496 0000"}, contacts="x", organization=None
    )
    assert record.phones[0].number == "0151 496 0000"
    assert record.organization is None
    assert [field for field, _ in rejects] == ["contacts"]


def test_version_one_is_read() -> None:
    place = {"id": "3", "physical_addresses": [{"address_1": "1 A St"}]}
    record, rejects = read_service(
        {
            "id": "1502",
            "name": "Old service",
            "status": "active",
            "organization": {"id": "7", "name": "Council", "url": "https://example.org"},
            "eligibilitys": [{"eligibility": "Carers", "minimum_age": 18, "maximum_age": None}],
            "regular_schedules": [
                {"weekday": "Tuesday", "opens_at": "09:00", "closes_at": "17:00"}
            ],
            "holiday_schedules": [
                {"closed": "true", "start_date": "2026-12-24", "end_date": "2026-12-28"},
                {"closed": "true"},
            ],
            "service_taxonomys": [
                {"taxonomy": {"id": "x:1", "name": "Food bank", "vocabulary": "esdServiceTypes"}}
            ],
            "contacts": [{"name": "A Person", "phones": [{"number": "0151 496 0001"}]}],
            "service_at_locations": [{"id": "2", "location": place}],
        }
    )
    assert record is not None and not rejects
    assert record.minimum_age == 18 and record.eligibility_description == "Carers"
    assert [(s.byday, s.closed) for s in record.schedules] == [("TU", False), (None, True)]
    assert record.terms[0].name == "Food bank"
    assert record.phones[0].number == "0151 496 0001"
    assert record.locations[0].address == "1 A St"
    assert "A Person" not in repr(record)


def test_the_hash_is_of_the_content_and_not_of_the_order_or_the_time() -> None:
    one, _ = read_service(service("a", last_modified="2026-01-01T00:00:00Z"))
    two, _ = read_service(dict(reversed(service("a", last_modified="2026-02-02").items())))
    other, _ = read_service(service("a", name="Another"))
    assert one and two and other
    assert one.content_hash() == two.content_hash() != other.content_hash()
