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

KEYWORDS = Card(
    name="keywords",
    title="Speech Commands keywords",
    task="tell the words yes, no, stop and go from other words and from silence in one second of sound",
    folder="kws_speech_commands",
    files={
        "train.zip": "91ff850d6c4d627468707ca66da046879aaa77d27f78fdda9103fda8bc3ab2f0",
        "test.zip": "a35cd1e294b57d05712ff876722bd37f5bfc9723219dcf1c6a553695696f2d7e",
    },
    arrays=(ArraySpec("x", "int16", (16000,)), ArraySpec("y", "uint8"), ArraySpec("speaker", "uint32")),
    labels=("yes", "no", "stop", "go", "unknown", "silence"),
    label_text=("yes", "no", "stop", "go", "another word", "background noise, no word"),
    group="speaker",
    sampling_hz=16000.0,
    units="raw: 16-bit samples of the sound, 1 s; speaker 0 is nobody (silence)",
    scaling="log-mel spectrogram, 32 ms every 20 ms: (log2(1 + power in counts) - 24) / 8, clipped to -2..2",
    split="by speaker: nobody is in both parts; silence by clip",
    same_group={},
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    home="https://doi.org/10.48550/arXiv.1804.03209",
    citation="P. Warden: Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition. arXiv:1804.03209 (2018)",
    download=("https://storage.googleapis.com/download.tensorflow.org/data/speech_commands_test_set_v0.02.tar.gz"),
    warning="a part of the official test set: never report an official test score for a model trained on it",
)

PPG = Card(
    name="ppg",
    title="BIDMC pulse waves",
    task="tell the band of the heart rate (below 80, 80-99, from 100 bpm) from 8 s of a finger clip's light",
    folder="health_ppg_bidmc",
    files={
        "train.npz": "6d28eb175f35b3f8260a84ab9b6821225849b7119c024759503120c6d6cceb34",
        "test.npz": "9c72c360884bbfbe3ababc6db73b6fd00303dc4b7a4c8e3e4dde1e88335a7368",
    },
    arrays=(
        ArraySpec("x", "int16", (400,)),
        ArraySpec("y", "uint8"),
        ArraySpec("vitals", "float32", (4,)),
        ArraySpec("record", "int16"),
    ),
    labels=("hr<80", "hr80-99", "hr>=100"),
    label_text=("below 80 bpm", "80 to 99 bpm", "100 bpm and more (tachycardia alarm)"),
    group="record",
    sampling_hz=50.0,
    units=(
        "raw: PLETH units x 4096; vitals: heart rate (ECG) and pulse (PPG) in bpm, respiration per min, SpO2 in %; NaN "
        "where the monitor had none"
    ),
    scaling=(
        "means of 2 samples (25 Hz), the window's median taken off, in units of twice the window's mean distance from "
        "it; clipped to -2..2"
    ),
    split="by patient: all recordings of one person are in one part",
    same_group={},
    licence="ODC-By 1.0",
    licence_url="https://physionet.org/content/bidmc/view-license/1.0.0/",
    home="https://physionet.org/content/bidmc/1.0.0/",
    citation=(
        "M. A. F. Pimentel, A. E. W. Johnson, P. H. Charlton et al.: Towards a Robust Estimation of Respiratory Rate "
        "from Pulse Oximeters. IEEE Trans. Biomed. Eng. 64(8):1914-1923 (2017), doi:10.13026/C2208R; A. L. Goldberger "
        "et al.: PhysioBank, PhysioToolkit, and PhysioNet. Circulation 101(23):e215-e220 (2000)"
    ),
    download="https://physionet.org/static/published-projects/bidmc/bidmc-ppg-and-respiration-dataset-1.0.0.zip",
    warning="intensive-care patients, 51 to 135 bpm: no slow hearts; for teaching, not for medical or other safety use",
)

LEAF = Card(
    name="leaf",
    title="BRACOL coffee leaves",
    task="tell the predominant stress of a coffee leaf from its picture",
    folder="agri_leaf_coffee",
    files={
        "train.zip": "dc5e2aebd4df04205eb056e6cfb84f7c0d891d96564cdddb8dcf73e1000f0a58",
        "test.zip": "c25f0aaaf419cfbaa86292089a176846f51f506c0f05cbfe6b8a09dfa208220f",
    },
    arrays=(
        ArraySpec("x", "uint8", (64, 128, 3)),
        ArraySpec("y", "uint8"),
        ArraySpec("leaf", "uint16"),
        ArraySpec("block", "uint8"),
        ArraySpec("severity", "uint8"),
    ),
    labels=("healthy", "leaf_miner", "rust", "phoma", "cercospora"),
    label_text=("healthy", "leaf miner", "rust", "phoma", "cercospora"),
    group="block",
    sampling_hz=0.0,
    units="raw: red, green, blue 0..255; severity 0 (healthy) to 4 (very high)",
    scaling="means of 2 x 2 pixels, 0..255 becomes -1..1",
    split="by block of 12 leaves photographed one after the other: no block is in both parts",
    same_group={},
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    home="https://doi.org/10.17632/yy2k5y8mxg.1",
    citation=(
        "J. G. M. Esgario, R. A. Krohling, J. A. Ventura: Deep learning for classification and severity estimation of "
        "coffee leaf biotic stress. Computers and Electronics in Agriculture 169:105162 (2020)"
    ),
    download="",
    warning="white background, lower side of the leaf, five phones: accuracy in a field will be lower",
)

SOIL = Card(
    name="soil",
    title="NOAA Climate Reference Network soil moisture",
    task="foretell from a week of weather whether the soil at 10 cm will be dry, adequate or wet in three days",
    folder="agri_soil_uscrn",
    files={
        "train.npz": "ba39dbdb70296d6c99373d73b61a8ed64669f1143dfb227869116d8e4880ce3b",
        "test.npz": "a81fc38d5af96ef9a982ad4d7beab7418437972bf464814d460ec200c36abb00",
    },
    arrays=(
        ArraySpec("x", "float32", (7, 8)),
        ArraySpec("y", "uint8"),
        ArraySpec("sm10_next", "float32"),
        ArraySpec("sm10_now", "float32"),
        ArraySpec("station", "int32"),
        ArraySpec("doy", "int16"),
    ),
    labels=("dry", "adequate", "wet"),
    label_text=("below 0.10 m3/m3: irrigate", "0.10 to 0.25 m3/m3", "0.25 m3/m3 and more"),
    group="station",
    sampling_hz=1 / 86400,
    units=(
        "raw, one row a day: highest and lowest air temperature in degC, rain in mm, sun in MJ/m2, relative humidity "
        "in %, temperature of the surface and of the soil at 5 cm in degC, soil moisture at 5 cm in m3/m3; sm10_next "
        "and sm10_now: soil moisture at 10 cm in m3/m3, three days after the last row and on its day; doy: day of year"
    ),
    scaling=(
        "temperatures: (T - 15) / 15 degC; rain: (R - 10) / 20 mm; sun: (S - 15) / 10 MJ/m2; "
        "humidity: (RH - 60) / 25 %; moisture: (m - 0.25) / 0.15 m3/m3; all clipped to -2..2"
    ),
    split="by station: no station is in both parts",
    same_group={},
    licence="public domain (U.S. Government work; NOAA asks for citation)",
    licence_url="https://www.ncei.noaa.gov/access/crn/",
    home="https://www.ncei.noaa.gov/access/crn/",
    citation=(
        "H. J. Diamond et al.: U.S. Climate Reference Network after One Decade of Operations. Bull. Amer. Meteor. Soc. "
        "94:489-498 (2013), doi:10.1175/BAMS-D-12-00170.1; J. E. Bell et al.: U.S. Climate Reference Network Soil "
        "Moisture and Temperature Observations. J. Hydrometeor. 14:977-988 (2013), doi:10.1175/JHM-D-12-0146.1"
    ),
    download="",
    warning=(
        'the limits 0.10 and 0.25 are ours, the same for every soil, and nobody irrigated; "today\'s reading at 5 cm" '
        "alone is a strong rule: compare with it"
    ),
)

KEYWORDS_AR = Card(
    name="keywords_ar",
    title="Arabic Speech Commands keywords",
    task="tell the Arabic words for yes, no, start and stop from other words and from noise in one second of sound",
    folder="kws_arabic_commands",
    files={
        "train.zip": "961a689204314296e0b2ea2e8e5284c61db0fc5e8312a4164a6e785f24cb471b",
        "test.zip": "3123357fa2382bb4ba80e6f9346e3c0c916da9e1ad22159dcca4766abda1e432",
    },
    arrays=(ArraySpec("x", "int16", (16000,)), ArraySpec("y", "uint8"), ArraySpec("speaker", "uint32")),
    labels=("yes", "no", "start", "stop", "unknown", "background"),
    label_text=("yes", "no", "start", "stop", "another word", "background noise, no word"),
    group="speaker",
    sampling_hz=16000.0,
    units="raw: 16-bit samples of the sound, 1 s; speaker 0 is nobody (background)",
    scaling="log-mel spectrogram, 32 ms every 20 ms: (log2(1 + power in counts) - 24) / 8, clipped to -2..2",
    split="by speaker, as the authors split: nobody is in both parts; background by time in the recording of a noise",
    same_group={},
    licence="CC BY 4.0",
    licence_url="https://creativecommons.org/licenses/by/4.0/",
    home="https://github.com/abdulkaderghandoura/arabic-speech-commands-dataset",
    citation=(
        "A. Ghandoura, F. Hjabo, O. Al Dakkak: Building and benchmarking an Arabic Speech Commands dataset for "
        "small-footprint keyword spotting. Engineering Applications of Artificial Intelligence 102 (2021)"
    ),
    download="",
    warning="six speakers and two noises in the test part: a score may move by many points with others",
)

DIGITS = Card(
    name="digits",
    title="Free Spoken Digit Dataset",
    task="tell which digit, 0 to 9, is spoken in English in one second of sound",
    folder="kws_fsdd",
    files={
        "train.zip": "7aa46a2f29ad340505a4f2d1f3a3723476ec14c68305ed2b6116a9ddac10cc90",
        "test.zip": "b6fcf2597be588cde06cb2609a4779daddb5e9e0cbcf11a5d22a294d267c22c9",
    },
    arrays=(ArraySpec("x", "int16", (8000,)), ArraySpec("y", "uint8"), ArraySpec("speaker", "uint8")),
    labels=tuple("0123456789"),
    label_text=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    group="speaker",
    sampling_hz=8000.0,
    units=(
        "raw: 16-bit samples of the sound, 0.14 to 2.3 s, centred in 1 s: zeros around a shorter clip, a longer one is "
        "cut; speaker: 1 to 6, the names in alphabetical order"
    ),
    scaling="log-mel spectrogram, 32 ms every 20 ms: (log2(1 + power in counts) - 24) / 8, clipped to -2..2",
    split="by speaker: four to learn from, another one for the test",
    same_group={},
    licence="CC BY-SA 4.0 (share alike: what you make of it and pass on keeps this licence)",
    licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
    home="https://github.com/Jakobovski/free-spoken-digit-dataset",
    citation=(
        "Z. Jackson, C. Souza, J. Flaks, Y. Pan, H. Nicolas, A. Thite: Free Spoken Digit Dataset. "
        "https://github.com/Jakobovski/free-spoken-digit-dataset"
    ),
    download=(
        "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/26eb9aaf76e81b692f806f9140c2d2777410d7a1.tar.gz"
    ),
    warning="one speaker is the test: far below the 97 % usually quoted, which hear the same people in both parts",
)

CARDS = {card.name: card for card in (ECG, ACTIVITY, KEYWORDS, PPG, LEAF, SOIL, KEYWORDS_AR, DIGITS)}


def card(name: str) -> Card:
    """The card of dataset `name`; raises DatasetError that lists the known names."""
    if name not in CARDS:
        raise DatasetError(
            f"no dataset {name!r}; known are {', '.join(sorted(CARDS))}: try load({next(iter(CARDS))!r})"
        )
    return CARDS[name]
