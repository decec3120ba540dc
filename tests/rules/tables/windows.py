"""Rows of the rules about backup and maintenance windows."""

from __future__ import annotations

from tests.rules.rows import ERROR, Row, Table, of

create = of("CreateDBCluster")
modify = of("ModifyDBCluster")
instance = of("CreateDBInstance")


def backup(text: str, **kwargs: bool) -> list[Row]:
    return [made(PreferredBackupWindow=text, **kwargs) for made in (create, modify)]


def maintenance(text: str, **kwargs: bool) -> list[Row]:
    return [made(PreferredMaintenanceWindow=text, **kwargs) for made in (create, modify, instance)]


def both(daily: str, weekly: str) -> list[Row]:
    return [made(PreferredBackupWindow=daily, PreferredMaintenanceWindow=weekly) for made in (create, modify)]


TABLES = {
    "window-format": Table(
        ERROR,
        [
            *(row for text in ("00:00-00:30", "23:59-00:29", "03:00-04:00") for row in backup(text)),
            *(
                row
                for text in (
                    *("Mon:03:00-Mon:04:00", "mon:03:00-mon:04:00", "SUN:23:45-MON:00:15", "tUe:00:00-wEd:23:59"),
                    "fri:03:00-sat:03:00",
                )
                for row in maintenance(text)
            ),
            instance(PreferredBackupWindow="whenever"),  # an instance's cluster decides
        ],
        [
            *(
                row
                for text in (
                    *("", "3:00-4:00", "24:00-24:30", "25:00-26:00", "03:60-04:30", "03:00", "03:00-04:00\n"),
                    *("03:00 - 04:00", "0300-0400", "Mon:03:00-Mon:04:00", "\u0660\u0663:00-04:00"),
                )
                for row in backup(text)
            ),
            *(
                row
                for text in (
                    *("", "03:00-04:00", "Monday:03:00-Monday:04:00", "Mon:3:00-Mon:4:00", "Mon:03:00-04:00"),
                    *("Mon:24:00-Tue:00:30", "Mon:03:00-Mon:04:60", "Mon 03:00-Mon 04:00", "Mon:03:00-Mon:04:00\n"),
                    *("Xyz:03:00-Xyz:04:00", "\u017fun:03:00-\u017fun:04:00"),
                )
                for row in maintenance(text)
            ),
        ],
        [
            (
                create(PreferredBackupWindow="3:00-4:00"),
                "error: PreferredBackupWindow: '3:00-4:00' is not a window; write it as 03:00-04:00, in UTC "
                "[window-format]",
            ),
            (
                create(PreferredMaintenanceWindow="03:00-04:00"),
                "error: PreferredMaintenanceWindow: '03:00-04:00' is not a window; write it as Mon:03:00-Mon:04:00, in "
                "UTC [window-format]",
            ),
        ],
    ),
    "window-length": Table(
        ERROR,
        [
            *(row for text in ("03:00-03:30", "23:45-00:15", "00:00-23:59", "whenever") for row in backup(text)),
            *(
                row
                for text in ("Mon:03:00-Mon:03:30", "Sun:23:45-Mon:00:15", "Mon:00:00-Sun:23:59", "Tue:00:00-Mon:23:59")
                for row in maintenance(text)
            ),
        ],
        [
            *(row for text in ("03:00-03:29", "23:45-00:14", "03:00-03:01") for row in backup(text)),
            *(row for text in ("Mon:03:00-Mon:03:29", "Sun:23:45-Mon:00:14") for row in maintenance(text)),
            *backup("03:00-03:00", warns=True),
            *maintenance("Mon:03:00-mon:03:00", warns=True),
        ],
        [
            (
                create(PreferredBackupWindow="23:45-00:14"),
                "error: PreferredBackupWindow: '23:45-00:14' is 29 minutes long; make it at least 30 minutes "
                "[window-length]",
            )
        ],
    ),
    "windows-overlap": Table(
        ERROR,
        [
            *both("02:00-03:00", "Mon:03:00-Mon:04:00"),
            *both("04:00-05:00", "Mon:03:00-Mon:04:00"),
            *both("23:45-00:15", "Sun:00:15-Sun:23:45"),
            *both("23:30-00:00", "Mon:00:00-Mon:00:30"),
            *both("00:15-00:45", "Sun:23:45-Mon:00:15"),
            *both("whenever", "Mon:03:00-Mon:04:00"),
            *both("03:00-04:00", "whenever"),
            *backup("03:00-04:00"),
            *maintenance("Mon:03:00-Mon:04:00"),
            instance(PreferredBackupWindow="03:00-04:00", PreferredMaintenanceWindow="Mon:03:00-Mon:04:00"),
        ],
        [
            *both("02:00-03:01", "Mon:03:00-Mon:04:00"),
            *both("03:59-04:30", "Mon:03:00-Mon:04:00"),
            *both("03:00-04:00", "sun:03:00-sun:04:00"),
            *both("00:00-23:59", "Wed:03:00-Wed:04:00"),
            *both("12:00-12:30", "Mon:03:00-Tue:03:00"),
            *both("23:45-00:15", "Sun:23:30-Mon:00:00"),  # the backup of Sunday runs into the end of the window
            *both("23:45-00:15", "Mon:00:00-Mon:00:30"),  # and that of the Sunday before into its beginning
            *both("00:00-00:30", "Sun:23:45-Mon:00:15"),
        ],
        [
            (
                create(PreferredBackupWindow="02:00-03:01", PreferredMaintenanceWindow="Mon:03:00-Mon:04:00"),
                "error: PreferredMaintenanceWindow: 'Mon:03:00-Mon:04:00' overlaps 02:00-03:01, the backup window; "
                "move one of them [windows-overlap]",
            )
        ],
    ),
}
