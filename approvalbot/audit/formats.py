"""One entry of the trail in the forms that others read: JSON Lines, CSV, OCSF and CloudEvents. Pure."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from approvalbot import __version__
from approvalbot.request.trail import Record

Form = Callable[[Record, str], bytes]
"""A record and our own address in, one line without its end out."""

OCSF_VERSION = "1.1.0"
"""The schema version whose required attributes are filled: Entity Management, class 3004 of category 3."""

_ENTITY_MANAGEMENT, _IDENTITY_AND_ACCESS = 3004, 3
_CREATE, _UPDATE, _DELETE = 1, 3, 4
_ACTIVITIES: Mapping[str, tuple[int, str]] = {
    "opened": (_CREATE, "Create"),
    "ended": (_DELETE, "Delete"),
    "trail_cut": (_DELETE, "Delete"),
}
_FAILURES = frozenset(
    {"denied", "expired", "failed", "press_refused", "answer_failed", "answer_given_up", "end_failed"}
)

CSV_COLUMNS = ("number", "at", "request", "step", "what", "by", "by_name", "detail", "hash")


def as_json_line(record: Record, _origin: str) -> bytes:
    """The entry as it is kept, with its number: the one form that `audit verify` reads back."""
    return orjson.dumps({"number": record.number, "after": record.after, **record.entry})


def as_csv(record: Record, _origin: str) -> bytes:
    """One row of `CSV_COLUMNS`. A cell that a spreadsheet would take for a formula starts with an apostrophe.

    Source: OWASP, "CSV Injection".
    """
    entry = record.entry
    by = entry.get("by") or {}
    detail = json.dumps(entry.get("detail") or {}, ensure_ascii=False, sort_keys=True)
    cells = (
        *(record.number, entry["at"], entry["request"], entry["n"], entry["what"]),
        *(by.get("key", ""), by.get("name", ""), detail, entry.get("hash", "")),
    )
    return csv_line(tuple(_plain_cell(str(cell)) for cell in cells))


def csv_line(cells: tuple[str, ...]) -> bytes:
    """Cells as one row, quoted where RFC 4180 wants it."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue().encode()


def as_ocsf(record: Record, origin: str) -> bytes:
    """An Entity Management event of the Open Cybersecurity Schema Framework."""
    entry = record.entry
    activity, name = _ACTIVITIES.get(str(entry["what"]), (_UPDATE, "Update"))
    event: dict[str, Any] = {
        "activity_id": activity,
        "activity_name": name,
        "category_uid": _IDENTITY_AND_ACCESS,
        "category_name": "Identity & Access Management",
        "class_uid": _ENTITY_MANAGEMENT,
        "class_name": "Entity Management",
        "type_uid": _ENTITY_MANAGEMENT * 100 + activity,
        "time": int(datetime.fromisoformat(str(entry["at"])).timestamp() * 1000),
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 2 if entry["what"] in _FAILURES else 1,
        "status": "Failure" if entry["what"] in _FAILURES else "Success",
        "message": f"{entry['what']} ({entry['request']})",
        "entity": {"type": "approval request", "uid": str(entry["request"]), "data": dict(entry.get("detail") or {})},
        "metadata": {
            "version": OCSF_VERSION,
            "product": {"name": "approvalbot", "vendor_name": "approvalbot", "version": __version__},
            "uid": str(entry.get("hash", "")),
            "event_code": str(entry["what"]),
            "sequence": record.number,
            "correlation_uid": str(entry["request"]),
            "original_time": str(entry["at"]),
            "log_provider": origin,
        },
    }
    by = entry.get("by")
    if by:
        event["actor"] = {"user": {"uid": str(by.get("key", "")), "name": str(by.get("name", ""))}}
    reason = (entry.get("detail") or {}).get("reason")
    if reason:
        event["comment"] = reason
    return orjson.dumps(event)


def as_cloudevent(record: Record, origin: str) -> bytes:
    """A CloudEvent in structured mode (CloudEvents 1.0, JSON format)."""
    entry = record.entry
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{record.number}",
            "source": origin,
            "type": f"approvalbot.trail.{entry['what']}",
            "subject": str(entry["request"]),
            "time": str(entry["at"]),
            "datacontenttype": "application/json",
            "data": {"number": record.number, **entry},
        }
    )


FORMS: Mapping[str, Form] = {
    "jsonl": as_json_line,
    "csv": as_csv,
    "ocsf": as_ocsf,
    "cloudevents": as_cloudevent,
}


def _plain_cell(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
