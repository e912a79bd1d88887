"""Made-up official archives: small, in the layout of the real ones. Each function gives the bytes of one."""

import hashlib
import io
import tarfile
import wave
import zipfile

import numpy as np

from tdl_course.datasets import fsdd, speech_commands


def wav(samples, channels=1, width=2, rate=16000):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def noise(length, random):
    return random.integers(-3000, 3000, length).astype(np.int16)


def tar(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        folder = tarfile.TarInfo("a folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        link = tarfile.TarInfo("yes/link_nohash_0.wav")
        link.type, link.linkname = tarfile.SYMTYPE, "../../etc/passwd"
        archive.addfile(link)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def speakers_of(part, count):
    """The first `count` ids, counted up from 1, that belong to `part`."""
    found = (f"{number:08x}" for number in range(1, 1000))
    return [speaker for speaker in found if speech_commands.part_of(speaker) == part][:count]


def keyword_members():
    """Three speakers a part and three of no part, who say every word once; one clip is short, some folders unused."""
    random = np.random.default_rng(1)
    members = {"./README.md": b"text", "./down/00000001_nohash_0.wav": wav(noise(16000, random))}
    for part in ("train", "test", ""):
        for speaker in speakers_of(part, 3):
            for word in ("yes", "no", "stop", "go"):
                members[f"./{word}/{speaker}_nohash_1.wav"] = wav(noise(16000, random))
            members[f"./_unknown_/bird_{speaker}_nohash_0.wav.wav"] = wav(noise(16000, random))
    members[f"./yes/{speakers_of('train', 1)[0]}_nohash_2.wav"] = wav(noise(15000, random))
    for number in range(40):
        members[f"./_silence_/{number}.wav"] = wav(noise(16000, random))
    return members


def digit_members():
    """All clips that are asked for, each another one, and takes that are not."""
    random = np.random.default_rng(2)
    clips = [clip for part in fsdd.SPEAKERS for clip in fsdd.clips_of(part)] + [(3, "theo", 18), (3, "george", 0)]
    return {
        f"free-spoken-digit-dataset-26eb9aa/recordings/{digit}_{speaker}_{take}.wav": wav(
            noise(50 + 10 * digit + take, random), rate=8000
        )
        for digit, speaker, take in clips
    }


def digit_digests(members):
    named = {name.rsplit("/", 1)[-1]: content for name, content in members.items()}
    return {
        part: hashlib.sha256(b"".join(named["{}_{}_{}.wav".format(*clip)] for clip in fsdd.clips_of(part))).hexdigest()
        for part in fsdd.SPEAKERS
    }


def pulse_members(rates):
    """bidmc_csv/: record -> heart rate in bpm; HR is missing in second 3, and for all of window 1 respiration is."""
    members = {}
    for number, rate in rates.items():
        t = np.arange(60001) / 125
        light = 0.5 + 0.25 * np.sin(2 * np.pi * rate / 60 * t)
        rows = [f"{a:.3f},0.1,{b:.5f},0.2" for a, b in zip(t, light, strict=True)]
        members[f"bidmc_{number:02}_Signals.csv"] = "\n".join(["Time [s], RESP, PLETH, II", *rows]).encode()
        rows = [
            f"{s},{'NaN' if s == 3 else rate + (s % 8 == 0)},{rate},{'' if 8 <= s < 16 else 16},97" for s in range(481)
        ]
        members[f"bidmc_{number:02}_Numerics.csv"] = "\n".join(["Time [s], HR, PULSE, RESP, SpO2", *rows]).encode()
    return members


def zipped(members, folder):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{folder}/{name}", content)
    return file.getvalue()
