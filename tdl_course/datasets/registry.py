"""The registry: one `Card` per dataset. Facts only: names, digests, units, licences, citations.

The digests are those of the course edition: small, verified selections, split by person or record. A mirror that
`$TDL_DATA` names must match them byte for byte.
"""

from __future__ import annotations

from tdl_course.datasets.card import ArraySpec, Card, DatasetError

ECG = Card(
    name="ecg",
    title="MIT-BIH Arrhythmia heartbeats",
    task="classify one heartbeat of a Holter lead as normal, supraventricular or ventricular",
    folder="health_ecg_mitbih",
    files={
        "train.npz": "5440a54239fbddcc7e8492a95454451d3542ff85fd90f4d7bfef8b0e80362594",
        "test.npz": "95c6964145bcddd535c1950ec63fb8feb5801171d6369b056e800b0d3df6c084",
    },
    arrays=(
        ArraySpec("x", "int16", (128,)),
        ArraySpec("y", "uint8"),
        ArraySpec("record", "int16"),
        ArraySpec("rr_ms", "int16", (3,)),
        ArraySpec("symbol", "U1"),
    ),
    labels=("N", "S", "V"),
    label_text=("normal", "supraventricular ectopic", "ventricular ectopic"),
    group="record",
    sampling_hz=180.0,
    units="raw: 5 uV per count (200 per mV); RR intervals in ms",
    scaling=(
        "channel 0: units of 2 mV, the beat's median taken off; channels 1, 2: 2 x (RR before, RR after / mean RR "
        "- 1), constant over the beat; all clipped to -2..2"
    ),
    split="by record (inter-patient): training is de Chazal's DS1 and record 202, test is a part of DS2",
    same_group={202: 201},  # two recordings of one person
    licence="ODC-By 1.0",
    licence_url="https://physionet.org/content/mitdb/view-license/1.0.0/",
    home="https://physionet.org/content/mitdb/1.0.0/",
    citation=(
        "G. B. Moody, R. G. Mark: The impact of the MIT-BIH Arrhythmia Database. IEEE Eng. in Med. and Biol. "
        "20(3):45-50 (2001), doi:10.13026/C2F305; A. L. Goldberger et al.: PhysioBank, PhysioToolkit, and PhysioNet. "
        "Circulation 101(23):e215-e220 (2000)"
    ),
    download="https://physionet.org/static/published-projects/mitdb/mit-bih-arrhythmia-database-1.0.0.zip",
    warning="for teaching; not for medical or other safety use",
)

ACTIVITY = Card(
    name="activity",
    title="Smartwatch activities",
    task="classify 1.28 s of a wrist's motion as one of five activities",
    folder="imu_activity_geotec",
    files={
        "train.npz": "0d3b8bd1fa52b6a5c79b545c4f28727956ab12cb72b2a8a8a85e5b4471b8513b",
        "test.npz": "6297ea88a75cb2c4bda4039c0703bff228b320a544600a6111ab205e71bc13fb",
    },
    arrays=(
        ArraySpec("x", "int16", (64, 6)),
        ArraySpec("y", "uint8"),
        ArraySpec("subject", "uint8"),
        ArraySpec("execution", "uint8"),
    ),
    labels=("SEATED", "STANDING_UP", "WALKING", "TURNING", "SITTING_DOWN"),
    label_text=("sits still", "stands up", "walks", "turns round", "sits down"),
    group="subject",
    sampling_hz=50.0,
    units="raw: acceleration in mg (gravity included), rotation in 0.5 mrad/s",
    scaling="channels 0-2: acceleration in g; channels 3-5: rotation in units of 4 rad/s; all clipped to -2..2",
    split="by person: nobody is in both parts",
    same_group={},
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    home="https://doi.org/10.5281/zenodo.8398688",
    citation=(
        "M. Matey-Sanz, S. Casteleyn, C. Granell: Dataset of inertial measurements of smartphones and smartwatches "
        "for human activity recognition. Data in Brief 51:109809 (2023), doi:10.1016/j.dib.2023.109809"
    ),
    download="",
    warning="one scripted sequence (timed up and go), so it is easy; windows overlap by half within a recording",
)

CARDS = {card.name: card for card in (ECG, ACTIVITY)}


def card(name: str) -> Card:
    """The card of dataset `name`; raises DatasetError that lists the known names."""
    if name not in CARDS:
        raise DatasetError(
            f"no dataset {name!r}; known are {', '.join(sorted(CARDS))}: try load({next(iter(CARDS))!r})"
        )
    return CARDS[name]
