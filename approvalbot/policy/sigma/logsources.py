"""Which mapping a Sigma rule's logsource means, and the field names its rules use for what that mapping delivers.

Aliases are looked up after the raw path finds nothing, and only for Sigma files. Those marked "unverified" in policy.md
section 4 were written from documentation, not run on real events.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Aliases = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Logsource:
    """A rule's `logsource`, as written; a part that is not given is empty."""

    product: str = ""
    service: str = ""
    category: str = ""

    @classmethod
    def of(cls, written: Any) -> "Logsource":
        """The logsource of a rule; anything but texts counts as not given."""
        parts = written if isinstance(written, dict) else {}
        return cls(*(str(parts.get(name) or "").casefold() for name in ("product", "service", "category")))

    def agrees(self, wider: "Logsource") -> bool:
        """Whether this logsource lies within another: each part the other gives is the same."""
        return all(
            not given or given == own
            for own, given in zip(
                (self.product, self.service, self.category), (wider.product, wider.service, wider.category), strict=True
            )
        )

    def __str__(self) -> str:
        return "/".join(part for part in (self.product, self.category, self.service) if part) or "no logsource"


@dataclass(frozen=True, slots=True)
class Known:
    """What a logsource means here: the mappings that deliver it, and how its field names translate.

    `any_case`: the vendor writes the same field in several casings, so a look-up that finds nothing ignores case.
    """

    mappings: tuple[str, ...] = ()
    aliases: Aliases = lambda _: ()
    any_case: bool = False


def known_logsource(logsource: Logsource) -> Known:
    """What is known of a logsource; without mappings a rule of it needs a `source` beside it."""
    by_service = _KNOWN.get(logsource.product, {})
    return by_service.get(logsource.service) or by_service.get("", Known())


def _fixed(table: Mapping[str, tuple[str, ...]]) -> Aliases:
    return lambda name: table.get(name, ())


_AZURE = {
    "CategoryValue": ("category.value",),
    "OperationNameValue": ("operationName.value",),
    "ResourceProviderValue": ("resourceProviderName.value",),
}
_GCP = {"gcp.audit.method_name": ("protoPayload.methodName",)}
_WORKSPACE = {
    "eventService": ("protoPayload.serviceName", "id.applicationName"),
    "eventName": ("protoPayload.metadata.event.eventName", "name"),
}
_WORKSPACE_PARAMETERS = ("setting_name", "new_value", "old_value")
_M365 = {
    "eventSource": ("Workload",),
    "eventName": ("Name", "Operation"),
    "status": ("ResultStatus", "Status"),
}
_KUBERNETES = {
    "apiGroup": ("objectRef.apiGroup",),
    "hostPath": ("requestObject.spec.volumes.hostPath.path",),
    "capabilities": ("requestObject.spec.containers.securityContext.capabilities.add",),
}


def _azure(name: str) -> tuple[str, ...]:
    return (*_AZURE.get(name, ()), f"properties.{name}")


def _gcp(name: str) -> tuple[str, ...]:
    return (*_GCP.get(name, ()), *((name.removeprefix("data."),) if name.startswith("data.") else ()))


def _workspace(name: str) -> tuple[str, ...]:
    if name not in _WORKSPACE_PARAMETERS:
        return _WORKSPACE.get(name, ())
    upper = name.upper()
    return (
        f"parameters.{name}",
        f"parameters[name={upper}].value",
        f"protoPayload.metadata.event.parameter[name={upper}].value",
    )


_ACTIVITY = Known(("azure.activity",), _azure, any_case=True)
_GOOGLE = Known(("google.workspace", "gcp.audit"), _workspace)
_MICROSOFT = Known((), _fixed(_M365))
_KNOWN: Mapping[str, Mapping[str, Known]] = {
    "aws": {"cloudtrail": Known(("aws.cloudtrail",))},
    "azure": dict.fromkeys(("activitylogs", "auditlogs", "signinlogs", "riskdetection", "pim"), _ACTIVITY),
    "gcp": {
        "gcp.audit": Known(("gcp.audit",), _gcp),
        "google_workspace.admin": _GOOGLE,
        "google_workspace.login": _GOOGLE,
    },
    "m365": dict.fromkeys(("audit", "exchange", "threat_detection", "threat_management"), _MICROSOFT),
    "kubernetes": {"audit": Known(("kubernetes.audit",), _fixed(_KUBERNETES)), "": Known((), _fixed(_KUBERNETES))},
    "github": {"audit": Known(("github.audit",))},
    "okta": {"okta": Known(("okta.system_log",))},
}
