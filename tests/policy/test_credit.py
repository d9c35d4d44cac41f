"""Every message of a Sigma rule names its author; SigmaHQ and its licence only where the rule is theirs."""

import pytest

from approvalbot.policy.credit import Credit

PATH = "sigma/rules/cloud/aws/trail.yml"


def credit(**document: object) -> Credit:
    return Credit("1", "A rule", "high", "Ann Ames", PATH, document)


@pytest.mark.parametrize("licence", ["", None, "DRL-1.1", "drl 1.1"])
def test_a_rule_without_a_licence_of_its_own_is_sigmahq_s(licence: object) -> None:
    rule = credit(license=licence)

    assert rule.notice == (
        "Rule by Ann Ames, SigmaHQ, DRL 1.1, https://github.com/SigmaHQ/sigma/blob/master/rules/cloud/aws/trail.yml"
    )


@pytest.mark.parametrize(
    ("references", "line"),
    [
        (None, "Rule by Ann Ames, Apache-2.0"),
        ("https://acme.example/rules", "Rule by Ann Ames, Apache-2.0, https://acme.example/rules"),
        (["a book", "http://a", "https://acme.example"], "Rule by Ann Ames, Apache-2.0, https://acme.example"),
        ([7], "Rule by Ann Ames, Apache-2.0"),
    ],
)
def test_another_rule_is_credited_under_what_it_says(references: object, line: str) -> None:
    assert credit(license="Apache-2.0", references=references).notice == line


def test_a_stored_credit_says_the_same() -> None:
    rule = credit(license="MIT")

    assert Credit.from_record(rule.to_record()).notice == rule.notice == "Rule by Ann Ames, MIT"
