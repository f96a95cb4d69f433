"""The ten questions of docs/questions.md, with the way to each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Words:
    """Words for the search box of the page."""

    text: str


@dataclass(frozen=True)
class Question:
    """A question, and the way from the home page to its answer.

    :ivar way: what is clicked (a CSS selector) or searched for, in order.
    :ivar answer: what stands in the main part of the last page.
    """

    text: str
    way: tuple[str | Words, ...]
    answer: tuple[str, ...]


_TCIA: Final = '#repositories a[href="/repository/tcia"]'
QUESTIONS: Final = (
    Question(
        "Which collections of brain MRI are open?",
        ('a[href="/search?modality=mri&body_part=brain"]', '.filters a[href$="access=open"]'),
        ("2 records", "Brain Genomics Superstruct Project", "Open access"),
    ),
    Question(
        "Who decides what gets in at PRIMAGE?",
        ('#repositories a[href="/repository/primage"]',),
        ("Data inclusion control", "Members of the consortium: clinical partners"),
    ),
    Question(
        "Which repositories say nothing without registration?",
        (
            'nav[aria-label="Site"] a[href="/map"]',
            'main a[href="/search?unknown=registration-needed"]',
        ),
        ("3 records", "Dementias Platform UK Data Portal", "IMAGEN", "Neuro C-BIG repository"),
    ),
    Question(
        "Where can I get CT and MRI from one place?",
        (Words("CT MRI"),),
        (
            "15 records",
            "SIREN biobank",
            "Computed tomography, also called CT; Magnetic resonance imaging, also called MRI",
        ),
    ),
    Question(
        "What does it take to get data of UK Biobank?",
        ('#repositories a[href="/repository/ukbiobank-imaging"]',),
        ("Access: how to get the data", "Application with fee", "Access Management System"),
    ),
    Question(
        "What is there in Spain?",
        ('a[href="/search?country=ESP"]:visible',),
        ("2 records", "Aragon Workers Health Study (AWHS)", "Valencia Imaging Biobank"),
    ),
    Question(
        "Who holds DICOM files?",
        (
            'nav[aria-label="Site"] a[href="/search"]',
            '.filters summary:text-is("Format")',
            '.filters a[href="/search?format_of=dicom"]',
        ),
        ("10 records", "AI for COVID imaging archive", "Radiomics Imaging Archive"),
    ),
    Question(
        "How findable is The Cancer Imaging Archive, and what is not known of it?",
        ('nav[aria-label="Site"] a[href="/fair"]', 'a[href="/repository/tcia"]'),
        ("How FAIR it is", "Why things are unknown"),
    ),
    Question(
        "Where does the report say what it says of The Cancer Imaging Archive?",
        (_TCIA, ".lead .evidence summary", '.lead a[href="/source/d31#table-3.1-row-3-description"]'),
        ("Table 3.1, row 3: The Cancer Imaging Archive",),
    ),
    Question(
        "Who has images of people with Alzheimer's disease, and how do I get them?",
        (Words("Alzheimer"), '.results a[href="/repository/adni"]'),
        ("ADNI", "Alzheimer's disease", "Access: how to get the data", "Application"),
    ),
)
MOST_CLICKS: Final = 3
