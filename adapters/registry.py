"""Every dialect by the name that partners' entries use."""

from collections.abc import Mapping

from adapters.bailleur import xml as bailleur_xml
from adapters.hebergement import csv as hebergement_csv
from adapters.hebergement import json as hebergement_json
from adapters.si_siao import json as si_siao_json
from contracts.ports import Adapter

ADAPTERS: Mapping[str, Adapter] = {
    "hebergement_csv": hebergement_csv,
    "hebergement_json": hebergement_json,
    "bailleur_xml": bailleur_xml,
    "si_siao_json": si_siao_json,
}
