"""EUCAIM DCAT-AP 2.0. The mapping is ``eucaim.rq``."""

from __future__ import annotations

from typing import Final

from fairmap.export.projections import load
from fairmap.export.rdf_projection import Demand, RdfProjection
from fairmap.namespaces import DCAT, DCT

_CATALOG, _DATASET, _DISTRIBUTION = f"{DCAT}Catalog", f"{DCAT}Dataset", f"{DCAT}Distribution"
_LEGISLATION, _HEALTH = "http://data.europa.eu/r5r/applicableLegislation", "http://healthdataportal.eu/ns/health#"
_EUCAIM: Final = "https://hyperontology.eucaim.cancerimage.eu/#"
_REACHED: Final = "http://data.europa.eu/m8g/contactPoint"

PROJECTION: Final = RdfProjection(
    name="eucaim",
    title="EUCAIM DCAT-AP 2.0",
    specification="https://eucaim.github.io/eucaim_dcat_ap/releases/v2.0/",
    query=load("eucaim"),
    judge="eucaim",
    demands=(
        Demand(_CATALOG, f"{DCT}publisher", "who publishes the catalogue"),
        Demand(_CATALOG, f"{DCT}publisher", "how the publisher can be reached", then=(_REACHED,)),
        Demand(_CATALOG, _LEGISLATION, "which law obliges to list what the catalogue holds"),
        Demand(_DATASET, f"{DCT}title", "a title in English", language="en"),
        Demand(_DATASET, f"{DCT}description", "a description in English", language="en"),
        Demand(_DATASET, f"{DCAT}version", "which version of the dataset it is"),
        Demand(_DATASET, f"{DCT}publisher", "who publishes the dataset"),
        Demand(_DATASET, f"{DCT}publisher", "how the publisher can be reached", then=(_REACHED,)),
        Demand(_DATASET, f"{DCAT}contactPoint", "whom to ask about the dataset"),
        Demand(_DATASET, f"{DCAT}distribution", "where and in what form the data can be had (a distribution)"),
        Demand(_DATASET, f"{DCAT}keyword", "words to find the dataset by"),
        Demand(
            _DATASET, f"{DCT}accessRights", "whether access is public, restricted or non-public, and only one of them"
        ),
        Demand(_DATASET, f"{DCT}provenance", "how the data came about"),
        Demand(_DATASET, f"{DCT}type", "the type of data in the words of EUCAIM, e.g. pseudonymised"),
        Demand(_DATASET, _LEGISLATION, "which law applies to the dataset"),
        Demand(_DATASET, f"{_HEALTH}hdab", "which health data access body decides on requests"),
        Demand(_DATASET, f"{_HEALTH}healthCategory", "which category of health data of the EHDS it is"),
        Demand(_DATASET, f"{_HEALTH}hasStructuredData", "whether the dataset has structured data, such as tables"),
        Demand(_DATASET, f"{_HEALTH}numberOfUniqueIndividuals", "how many people the dataset is about"),
        Demand(_DATASET, f"{_HEALTH}numberOfRecords", "how many imaging studies the dataset has"),
        Demand(_DATASET, f"{_EUCAIM}interoperabilityLevel", "the tier of the dataset in the EUCAIM federation"),
        Demand(_DATASET, f"{_EUCAIM}hasImageModality", "the EUCAIM term of each imaging modality"),
        Demand(_DATASET, f"{_EUCAIM}hasImageBodyPart", "the EUCAIM term of each body part"),
        Demand(_DATASET, f"{_EUCAIM}hasEquipmentManufacturer", "the EUCAIM term of each manufacturer of scanners"),
        Demand(_DATASET, f"{_EUCAIM}hasCondition", "the EUCAIM term of the condition that was studied"),
        Demand(_DATASET, f"{_EUCAIM}hasBirthSex", "the EUCAIM term of each sex at birth"),
        Demand(_DATASET, f"{_EUCAIM}collectionMethod", "the EUCAIM term of how the images were collected"),
        Demand(_DISTRIBUTION, _LEGISLATION, "which law applies to the distribution"),
        Demand(
            _DISTRIBUTION,
            f"{DCT}rights",
            "how the data can be used in the words of EUCAIM: download, in situ or remotely",
        ),
    ),
)
