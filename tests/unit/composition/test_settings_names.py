"""Which variables of the environment count as ours: a slip is an error, what other programs set is left alone."""

from difflib import get_close_matches

import pytest

from composition.settings import SettingsError, load, table
from composition.settings.sources import CLOSE_MATCH
from composition.settings.values import near


@pytest.fixture
def problems(tmp_path):
    """Return what load complains of, given the environment."""

    def found(environ):
        with pytest.raises(SettingsError) as raised:
            load(environ, tmp_path)
        return raised.value.problems

    return found


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("OPERATOR_USER_ID", "did you mean OPERATOR_USER?"),
        ("OPERATOR_DM", ""),
        ("ADMIN_USER_IDS", "did you mean ADMIN_USERS?"),
        ("ADMIN_IDS", ""),
        ("TRIM_FRAC", "did you mean TRIM_FRACTION?"),
        ("LIVE_ACCOUNT", "did you mean LIVE_ACCOUNT_CONFIRMED?"),
        ("FEE_CONTRACT", "did you mean FEE_PER_CONTRACT?"),
        ("TT_SECRET", "did you mean TASTYTRADE_CLIENT_SECRET?"),
        ("TT_REFRESH", "did you mean TASTYTRADE_REFRESH_TOKEN?"),
        ("tastytrade_dry_run", "did you mean TASTYTRADE_DRY_RUN?"),
        ("Market", "did you mean MARKET?"),
        ("entry_windw", "did you mean ENTRY_WINDOW?"),
    ],
)
def test_what_looks_like_a_setting_is_an_error_and_never_passed_over(problems, name, mend):
    (problem,) = problems({name: "1"})
    assert problem.startswith(f"{name} (environment) is no setting: ")
    assert mend in problem


def test_every_setting_without_its_last_letter_is_an_error(problems):
    names = [name[:-1] for name in table() if name[:-1] not in table()]
    assert len(problems(dict.fromkeys(names, "1"))) == len(names)


ORDINARY = """
PATH HOME LANG LANGUAGE LC_ALL LC_CTYPE SHELL TERM TERMINFO USER USERNAME LOGNAME HOSTNAME HOSTTYPE PWD OLDPWD SHLVL
TZ EDITOR PAGER VISUAL MAIL MANPATH LESS LS_COLORS DISPLAY TMPDIR COLUMNS LINES NO_COLOR COLORTERM TERM_PROGRAM _
XDG_RUNTIME_DIR XDG_SESSION_ID XDG_DATA_DIRS SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION SSH_TTY SUDO_USER
DBUS_SESSION_BUS_ADDRESS INVOCATION_ID JOURNAL_STREAM SYSTEMD_EXEC_PID LISTEN_FDS LISTEN_PID NOTIFY_SOCKET
WATCHDOG_USEC WATCHDOG_PID MAINPID STATE_DIRECTORY CREDENTIALS_DIRECTORY LOGS_DIRECTORY RUNTIME_DIRECTORY
MEMORY_PRESSURE_WATCH MEMORY_PRESSURE_WRITE KUBERNETES_SERVICE_HOST KUBERNETES_PORT KUBERNETES_PORT_443_TCP
KUBERNETES_SERVICE_PORT_HTTPS DOCKER_HOST container VIRTUAL_ENV PYTHONPATH PYTHONUNBUFFERED PYTHON_VERSION
PYTHON_SHA256 GPG_KEY UV_CACHE_DIR PIP_INDEX_URL PS1 DEBIAN_FRONTEND http_proxy https_proxy no_proxy HTTP_PROXY
SSL_CERT_FILE REQUESTS_CA_BUNDLE AWS_REGION GITHUB_TOKEN CI MARKETING ENTRYPOINT TTY TTL EXITCODE LIVENESS OPERATOR
FEE ADMIN
"""


def test_other_programs_variables_are_left_alone(tmp_path):
    assert load(dict.fromkeys(ORDINARY.split(), "x"), tmp_path)


@pytest.mark.parametrize("service", ["ALERT_TRADER", "ADMIN", "RISK"])
def test_the_addresses_of_services_under_our_words_are_left_alone(tmp_path, service):
    address = "tcp://10.0.0.1:80"
    environ = {f"{service}_PORT": address, f"{service}_SERVICE_HOST": "10.0.0.1", f"{service}_SERVICE_PORT": "80"}
    more = {f"{service}_PORT_80_TCP": address, f"{service}_PORT_80_TCP_ADDR": "10.0.0.1"}
    assert load({**environ, **more}, tmp_path)


def test_a_port_that_is_no_service_s_is_an_error(problems):
    (problem,) = problems({"ADMIN_PORT": "8877"})
    assert problem == "ADMIN_PORT (environment) is no setting: did you mean ADMIN_API_PORT?"


def test_what_is_near_is_what_difflib_finds():
    known = list(table())
    names = {*known, *ORDINARY.split(), "", "E", "A" * 200}
    for name in known:
        for at in range(0, len(name), 2):
            before, after = name[:at], name[at:]
            names |= {before + after[1:], f"{before}S{after}", after, before + after[::-1]}
    for name in names:
        for cutoff in (0.6, CLOSE_MATCH):
            assert near(name, known, cutoff) == next(iter(get_close_matches(name, known, 1, cutoff)), None), name
