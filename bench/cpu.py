"""CPU time of a running process. Unlike a rate, it does not change when somebody else uses the machine."""

import os
from pathlib import Path


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used so far, its threads included; 0 where there is no /proc."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.is_file():
        return 0.0
    # The name, in brackets, may hold spaces; utime and stime are the 14th and 15th field of all (proc(5)).
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
