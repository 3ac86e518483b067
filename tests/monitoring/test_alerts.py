"""The alarms for Prometheus: every metric that they name is told, and every one says what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import frontoffice.monitoring
from frontoffice.kernel import metrics
from frontoffice.monitoring import figures

RULES = [rule for group in yaml.safe_load((Path(frontoffice.monitoring.__file__).parent / "alerts.yml").read_text("utf-8"))["groups"] for rule in group["rules"]]
FUNCTIONS = {"max", "min", "sum", "rate", "increase", "histogram_quantile", "by", "and", "or"}
LABELS = {"le", "job", "part", "method", "status", "outcome", "state", "route"}


def told() -> set[str]:
    """Every name that /metrics tells, once each thing was counted."""
    metrics.request("home", "GET", 200, 0.1)
    with metrics.job("test:one"), metrics.hand_over_try():
        pass
    gauges = [metrics.Gauge(name, about, 0.0, labels) for _figure, name, about, labels in figures._TABLE]
    gauges += [metrics.Gauge(*figures._KNOWN, 1), metrics.Gauge("frontoffice_part_up", "", 1, (("part", "database"),))]
    return {re.split(r"[{ ]", line)[0] for line in metrics.written(gauges).decode().splitlines() if not line.startswith("#")}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alarm_names_metrics_that_exist_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"} and re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["labels"]["severity"] in ("page", "ticket") and set(rule["annotations"]) == {"summary", "action"}
    assert all(text.endswith(".") for text in rule["annotations"].values())
    words = set(re.findall(r"[a-z_]+", re.sub(r'"[^"]*"|\[\d+m\]', "", rule["expr"])))
    named = {one for one in words if one.startswith("frontoffice_")}
    assert named and named <= told()
    assert words - named <= FUNCTIONS | LABELS
    assert rule["expr"].count("(") == rule["expr"].count(")") and rule["expr"].count("{") == rule["expr"].count("}")


def test_alarms_have_a_name_of_their_own() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names) >= 15


def test_names_follow_the_conventions_of_prometheus() -> None:
    ours = {name for name in told() if name.startswith("frontoffice_")}
    assert all(re.fullmatch(r"frontoffice_[a-z_]+", name) for name in ours)
    assert not [name for name in ours if re.search(r"(milliseconds|minutes|_ms|_count_total)$", name)]
    assert {"frontoffice_hand_over_tries_total", "frontoffice_http_request_duration_seconds_bucket", "frontoffice_job_duration_seconds_sum"} <= ours
