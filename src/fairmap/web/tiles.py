"""The countries of the world as a grid of equal tiles, so that small ones are as easy to see as large ones.

The places are our own, roughly as the countries lie; no data about their shapes is needed. A code is the last part of the country's
IRI in the EU's table. What has no tile is told in the list beside the picture, which tells all of them.
"""

from __future__ import annotations

from typing import Final

_GRID: Final = """
.   .   .   .   .   GRL .   .   ISL .   .   NOR SWE FIN .   .   .   .   .   .   .   .   .   .   .
.   CAN .   .   .   .   .   .   .   .   .   DNK .   EST RUS .   .   .   .   .   .   .   .   .   .
.   .   .   .   .   .   .   .   .   .   .   .   .   LVA .   .   .   .   .   .   .   .   .   .   .
.   USA .   .   .   .   .   .   IRL GBR NLD DEU POL LTU BLR .   .   .   .   .   .   .   .   .   .
.   .   .   .   .   .   .   .   .   .   BEL LUX CZE SVK UKR .   .   KAZ .   .   MNG .   .   .   .
.   .   .   .   .   .   .   .   .   FRA CHE AUT SVN HUN ROU MDA .   UZB KGZ .   .   .   PRK .   .
MEX .   .   .   .   .   .   PRT ESP .   ITA HRV BIH SRB BGR .   GEO TKM TJK .   CHN .   KOR JPN .
.   .   .   .   CUB .   .   .   .   .   .   .   MNE MKD .   TUR ARM AZE AFG .   .   .   .   .   .
GTM HND .   JAM HTI DOM .   .   .   .   MLT .   ALB GRC .   CYP SYR IRN PAK NPL BTN .   TWN .   .
SLV NIC .   .   .   .   .   MAR DZA TUN LBY EGY .   .   .   LBN JOR IRQ IND BGD MMR LAO VNM PHL .
.   CRI PAN .   TTO .   .   MRT MLI NER TCD SDN ERI .   ISR SAU KWT QAT .   LKA THA KHM .   .   .
.   .   COL VEN GUY .   .   SEN BFA NGA CAF SSD ETH DJI .   YEM OMN ARE .   .   MYS BRN .   .   .
.   ECU PER BRA .   .   .   CIV GHA CMR COD UGA KEN SOM .   .   .   .   .   .   SGP IDN .   PNG .
.   .   BOL PRY .   .   .   .   GAB COG RWA TZA MWI .   .   .   .   .   .   .   .   .   AUS .   .
.   .   CHL ARG URY .   .   .   AGO ZMB ZWE MOZ .   MDG .   .   .   .   .   .   .   .   .   .   NZL
.   .   .   .   .   .   .   .   NAM BWA ZAF .   .   .   .   .   .   .   .   .   .   .   .   .   .
"""
PLACES: Final = {
    code: (column, row)
    for row, line in enumerate(_GRID.split("\n")[1:-1])
    for column, code in enumerate(line.split())
    if code != "."
}
"""Column and row of each country."""
SIZE: Final = (1 + max(column for column, _ in PLACES.values()), 1 + max(row for _, row in PLACES.values()))
"""Columns and rows in all."""
