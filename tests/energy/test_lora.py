import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.energy import lora_time_on_air as time_on_air

# Milliseconds from Semtech's "SX1261 LoRa Calculator", as the tests of MicroPython's LoRa driver have them:
# (spreading factor, bandwidth, coding rate, preamble, payload, explicit header, CRC) -> time
SEMTECH = [
    ((12, 500e3, 1, 8, 1, True, True), 206.848),
    ((12, 500e3, 1, 12, 64, True, True), 649.216),
    ((12, 500e3, 1, 8, 1, True, False), 165.888),
    ((12, 500e3, 1, 8, 192, True, True), 1476.608),
    ((12, 500e3, 1, 12, 16, False, False), 280.576),
    ((8, 125e3, 2, 8, 1, True, True), 53.760),
    ((8, 125e3, 2, 8, 3, True, True), 66.048),
    ((8, 125e3, 2, 8, 253, True, True), 827.904),
    ((8, 125e3, 2, 12, 5, False, True), 61.952),
    ((8, 125e3, 2, 12, 253, False, True), 823.808),
    ((12, 7.81e3, 4, 128, 253, True, True), 287532.907),
    ((11, 10.42e3, 3, 25, 16, True, True), 12824.568),
    ((11, 10.42e3, 3, 25, 16, False, False), 11448.752),
]


@pytest.mark.parametrize(("settings", "milliseconds"), SEMTECH)
def test_equals_semtechs_calculator(settings, milliseconds):
    spreading_factor, bandwidth, coding_rate, preamble, payload, header, crc = settings
    seconds = time_on_air(payload, spreading_factor, bandwidth, coding_rate, preamble, header, crc)
    assert 1e3 * seconds == pytest.approx(milliseconds, rel=1e-5)


# 24 bytes of an application and 13 of LoRaWAN, 125 kHz, 4/5: M. Kooijman's spreadsheet after Semtech AN1200.13
LORAWAN_37_BYTES = {7: 82.176, 8: 143.872, 9: 267.264, 10: 493.568, 11: 1069.056, 12: 1974.272}


@pytest.mark.parametrize(("spreading_factor", "milliseconds"), LORAWAN_37_BYTES.items())
def test_equals_the_spreadsheet_for_lorawan(spreading_factor, milliseconds):
    assert 1e3 * time_on_air(24 + 13, spreading_factor) == pytest.approx(milliseconds)


def test_low_data_rate_optimisation_follows_the_length_of_a_symbol():
    assert time_on_air(64, 12) == time_on_air(64, 12, low_data_rate=True) == pytest.approx(2.793472)
    assert time_on_air(64, 12, low_data_rate=False) == pytest.approx(2.465792)
    assert time_on_air(64, 10) == time_on_air(64, 10, low_data_rate=False)


@given(st.integers(0, 254), st.integers(7, 11), st.integers(1, 3), st.integers(6, 100))
def test_more_of_anything_is_never_shorter(payload, spreading_factor, coding_rate, preamble):
    one = time_on_air(payload, spreading_factor, coding_rate=coding_rate, preamble=preamble)
    assert time_on_air(payload + 1, spreading_factor, coding_rate=coding_rate, preamble=preamble) >= one
    assert time_on_air(payload, spreading_factor + 1, coding_rate=coding_rate, preamble=preamble) > one
    assert time_on_air(payload, spreading_factor, coding_rate=coding_rate + 1, preamble=preamble) >= one
    assert time_on_air(payload, spreading_factor, coding_rate=coding_rate, preamble=preamble + 1) > one
    assert time_on_air(payload, spreading_factor, 250e3, coding_rate, preamble, low_data_rate=False) <= one


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"payload_bytes": 256}, "payload_bytes is 256"),
        ({"payload_bytes": -1}, "payload_bytes is -1"),
        ({"payload_bytes": 1.5}, "payload_bytes is 1.5"),
        ({"spreading_factor": 13}, "spreading_factor is 13; 6 to 12"),
        ({"spreading_factor": 6}, "explicit_header=False"),
        ({"bandwidth_hz": 125}, "bandwidth_hz is 125"),
        ({"coding_rate": 5}, r"coding_rate is 5; 1 \(4/5\) to 4"),
        ({"preamble": 5}, "preamble is 5"),
    ],
)
def test_a_setting_that_the_modem_does_not_have_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        time_on_air(**{"payload_bytes": 10, **settings})
