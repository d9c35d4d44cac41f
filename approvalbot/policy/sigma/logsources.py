"""Which mapping a Sigma rule's logsource means, and the field names its rules use for what that mapping delivers.

Aliases are looked up after the raw path finds nothing, and only for Sigma files. Those marked "unverified" in policy.md
section 4 were written from documentation, not run on real events.
"""

import re
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
    if logsource.service.startswith("google_workspace."):
        return _GOOGLE if logsource.product in {"gcp", "google_workspace"} else Known()
    return by_service.get(logsource.service) or by_service.get("", Known())


def _fixed(table: Mapping[str, tuple[str, ...]]) -> Aliases:
    return lambda name: table.get(name, ())


_AZURE = {
    "CategoryValue": ("category.value",),
    "OperationNameValue": ("operationName.value",),
    "ResourceProviderValue": ("resourceProviderName.value",),
}
_WORKSPACE_SERVICE = ("protoPayload.serviceName", "{id.applicationName}.googleapis.com")
_WORKSPACE_NAME = ("protoPayload.metadata.event.eventName", "name")
_WORKSPACE = {
    "eventservice": _WORKSPACE_SERVICE,
    "protopayload.servicename": _WORKSPACE_SERVICE,
    "eventname": _WORKSPACE_NAME,
    "protopayload.metadata.event.eventname": _WORKSPACE_NAME,
}
"""Workspace events come from Cloud Logging (`protoPayload`) or from the Reports API (`id`, `name`, `parameters`)."""

_WORKSPACE_EVENT = "protoPayload.metadata.event."
_PARAMETER_VALUES = ("value", "boolValue", "intValue", "multiValue")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")
_M365 = {
    "eventSource": ("Workload",),
    "eventName": ("Name", "Operation"),
    "status": ("ResultStatus", "Status"),
    "user.email": ("UserId",),
}
_KUBERNETES = {
    "apiGroup": ("objectRef.apiGroup",),
    "hostPath": ("requestObject.spec.volumes.hostPath.path",),
    "capabilities": ("requestObject.spec.containers.securityContext.capabilities.add",),
}


def _azure(name: str) -> tuple[str, ...]:
    return (*_AZURE.get(name, ()), f"properties.{name}")


def _gcp(name: str) -> tuple[str, ...]:
    """`gcp.audit.method_name` is Elastic's spelling of `protoPayload.methodName`, `data.` the envelope of Pub/Sub."""
    if name.startswith("gcp.audit."):
        first, *rest = name.removeprefix("gcp.audit.").split("_")
        return (f"protoPayload.{first}" + "".join(part[:1].upper() + part[1:] for part in rest),)
    if not name.startswith("data."):
        return ()
    inner = name.removeprefix("data.")
    # The resource and the name of the log stand beside the payload, where some rules look for them inside.
    return (inner, *((inner.removeprefix("protoPayload."),) if inner.startswith("protoPayload.") else ()))


def _workspace(name: str) -> tuple[str, ...]:
    fixed = _WORKSPACE.get(name.casefold())
    parameter = name.removeprefix(_WORKSPACE_EVENT)
    if fixed is not None or _PLAIN_NAME.fullmatch(parameter) is None:
        return fixed or ()
    listed = ("parameters", f"{_WORKSPACE_EVENT}parameter")
    return (
        f"parameters.{parameter}",
        *(f"{where}[name={parameter}].{value}" for where in listed for value in _PARAMETER_VALUES),
    )


def _microsoft(name: str) -> tuple[str, ...]:
    inner = name.removeprefix("o365.audit.")
    return (*_M365.get(name, ()), *((inner,) if inner != name else ()))


_ACTIVITY = Known(("azure.activity",), _azure, any_case=True)
_GOOGLE = Known(("google.workspace", "gcp.audit"), _workspace, any_case=True)
_CLUSTER = Known(("kubernetes.audit",), _fixed(_KUBERNETES))
_KNOWN: Mapping[str, Mapping[str, Known]] = {
    "aws": {"cloudtrail": Known(("aws.cloudtrail",))},
    "azure": {"": _ACTIVITY},
    "gcp": {"gcp.audit": Known(("gcp.audit",), _gcp)},
    "m365": {"": Known((), _microsoft)},
    "kubernetes": {"": _CLUSTER},
    "github": {"audit": Known(("github.audit",))},
    "okta": {"okta": Known(("okta.system_log",))},
}
"""By product and service; the empty service stands for every other, since Azure and Microsoft name one for each log."""
