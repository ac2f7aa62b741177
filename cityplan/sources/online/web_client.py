"""Ask public services politely: one request at a time, waiting when they ask for it.

Retries are tenacity's; what is worth another try is decided here and by whoever
judges the body of an answer.
"""

from __future__ import annotations

import html
import math
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from cityplan.errors import FetchError
from cityplan.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tenacity import RetryCallState

    from cityplan.text import Language

T = TypeVar("T")

USER_AGENT = f"cityplan/{version('cityplan')} (city planning toolkit; one city at a time)"
PAUSE_S = 1.0  # Nominatim's usage policy: at most one request per second
ATTEMPTS = 6
LONGEST_WAIT_S = 900.0
CONNECT_S, READ_S = 15.0, 240.0
BACKOFF = wait_exponential(multiplier=15, max=240)
TOO_MANY, FORBIDDEN, BAD, SERVER_FAULT = 429, 403, 400, 500
SHOWN = 300  # characters of a server's remark
CUT = (
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class TryAgainError(Exception):
    """An answer that may be better next time; ``wait_s`` where the server named a time."""

    def __init__(self, cause: Text, wait_s: float | None = None) -> None:
        super().__init__(cause.en)
        self.cause = cause
        self.wait_s = wait_s


@dataclass(frozen=True)
class Server:
    """A service: what it is called, where it is, and which option moves it."""

    title: Text
    url: str
    option: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise FetchError(
                Text(
                    en=f"{self.option} '{self.host}' is no address of a server: it begins with "
                    "http:// or https://.",
                    zh=f"{self.option}“{self.host}”不是服务器地址，应以 http:// 或 https:// 开头。",
                )
            )

    @property
    def host(self) -> str:
        """Return where it is, without the user's name and password."""
        return without_login(self.url)


@dataclass
class WebClient:
    """Sends one request at a time and reads the answer to its end.

    Attributes
    ----------
    proxy
        Address of a proxy; absent, what the system says (``HTTPS_PROXY``).
    tell
        Is told why and how long there is a wait.
    sent
        How many requests went out.
    """

    proxy: str | None = None
    lang: Language = "en"
    tell: Callable[[Text], None] = lambda _: None
    sent: int = 0
    _reached: bool = False
    _last: float = -math.inf
    _session: requests.Session = field(default_factory=requests.Session)

    def ask(
        self,
        server: Server,
        path: str,
        judge: Callable[[bytes], T],
        *,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> T:
        """Return what ``judge`` makes of the answer, after as many tries as it takes.

        Parameters
        ----------
        query, form
            Parameters in the address (GET), or in the body (POST).
        judge
            Turns the body into what is wanted; raises :class:`TryAgainError` where
            the body is cut or the server asks for patience.

        Raises
        ------
        FetchError
            The server cannot be reached, refuses, or gives no usable answer.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait_s,
            sleep=time.sleep,
            before_sleep=lambda state: self._tell_wait(server, state),
            reraise=True,
        )
        try:
            return retrying(lambda: judge(self._send(server, path, query, form)))
        except TryAgainError as error:
            raise FetchError(
                Text(
                    en=f"The {server.title.en} ({server.host}) gave no answer in {ATTEMPTS} tries "
                    f"({error.cause.en}): try later or name another server with {server.option}; "
                    "what was fetched is kept, the same command goes on from there.",
                    zh=f"{server.title.zh}（{server.host}）尝试{ATTEMPTS}次均未成功（{error.cause.zh}），"
                    f"请稍后再试或用 {server.option} 指定其他服务器；已下载的部分已保留，"
                    "再次运行同一命令即可续传。",
                )
            ) from None

    def _send(
        self,
        server: Server,
        path: str,
        query: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
    ) -> bytes:
        time.sleep(max(0.0, self._last + PAUSE_S - time.monotonic()))
        self.sent += 1
        proxy = self.proxy and _with_scheme(self.proxy)
        proxies = {"http": proxy, "https": proxy} if proxy else None
        try:
            response = self._session.request(
                "POST" if form is not None else "GET",
                server.url.rstrip("/") + path,
                params=query,
                data=form,
                headers={"User-Agent": USER_AGENT, "Accept-Language": _languages(self.lang)},
                proxies=proxies,
                timeout=(CONNECT_S, READ_S),
            )
        except requests.exceptions.ConnectTimeout as error:
            raise self._unreached(server, error) from None
        except CUT:
            raise TryAgainError(Text(en="the answer was cut off", zh="应答中断")) from None
        except requests.ConnectionError as error:
            raise self._unreached(server, error) from None
        except (requests.RequestException, UnicodeError) as error:
            raise _unusable_address(server, error) from None
        finally:
            self._last = time.monotonic()
        self._reached = True
        _judge_status(server, response)
        return response.content

    def _unreached(self, server: Server, error: Exception) -> Exception:
        """Return the error; where the server did answer before, the line is worth a wait."""
        if isinstance(error, requests.exceptions.SSLError):
            return _untrusted(server)
        cut = bool(error.args) and isinstance(error.args[0], urllib3.exceptions.ProtocolError)
        if self._reached or cut:
            return TryAgainError(Text(en="the connection broke", zh="连接中断"))
        through = isinstance(error, requests.exceptions.ProxyError)
        en = f" through the proxy {without_login(self.proxy)}" if through and self.proxy else ""
        zh = f"（经代理 {without_login(self.proxy)}）" if through and self.proxy else ""
        return FetchError(
            Text(
                en=f"Cannot reach the {server.title.en} ({server.host}){en}: check the connection, "
                f"--proxy and {server.option}; in a network without internet copy an extract "
                "(.osm.pbf) by hand and give it to 'cityplan run'.",
                zh=f"无法连接 {server.title.zh}（{server.host}）{zh}：请检查网络、--proxy 与 "
                f"{server.option}；在无互联网的环境中，请手工拷入数据提取文件（.osm.pbf），"
                "再用 cityplan run 运行。",
            )
        )

    def _tell_wait(self, server: Server, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        wait = math.ceil(state.next_action.sleep) if state.next_action else 0
        if isinstance(error, TryAgainError):
            self.tell(
                Text(
                    en=f"The {server.title.en}: {error.cause.en}; waiting {wait} s.",
                    zh=f"{server.title.zh}：{error.cause.zh}，等待{wait}秒。",
                )
            )


def without_login(address: str) -> str:
    """Return host and port of an address, never its user name or password."""
    parts = urlsplit(_with_scheme(address))
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.hostname or address}{port}"


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"http://{address}"


def plain(body: bytes) -> str:
    """Return the words of an answer meant for people, its markup taken out."""
    text = body.decode("utf-8", errors="replace")
    text = re.sub(r"(?is)<(head|style|script)\b.*?</\1>", " ", text)
    text = re.sub(r"<[^>]*>", " ", text)
    return one_line(html.unescape(text))


def one_line(text: str) -> str:
    """Return a server's words on one line, without control characters and not too long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _wait_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    named = error.wait_s if isinstance(error, TryAgainError) else None
    return BACKOFF(state) if named is None else named


def _languages(lang: Language) -> str:
    return "zh-CN,zh;q=0.9,en;q=0.5" if lang == "zh" else "en"


def _judge_status(server: Server, response: requests.Response) -> None:
    """Raise for a status that is no answer."""
    status = response.status_code
    if status == TOO_MANY or status >= SERVER_FAULT:
        wait_s = _retry_after_s(response.headers.get("Retry-After"))
        if wait_s is not None and wait_s > LONGEST_WAIT_S:
            minutes = math.ceil(wait_s / 60)
            raise _refused(
                server,
                Text(
                    en=f"asks to come back in {minutes} minutes (HTTP {status}): run the same "
                    "command again then, it goes on where it stopped",
                    zh=f"要求{minutes}分钟后再试（HTTP {status}）：届时再次运行同一命令即可续传",
                ),
            )
        busy = Text(en=f"the server is busy (HTTP {status})", zh=f"服务器繁忙（HTTP {status}）")
        raise TryAgainError(busy, wait_s)
    if status >= BAD:
        said = plain(response.content)
        hint = Text(
            en=f"answers HTTP {status}"
            + (f" ('{said}')" if said else "")
            + f": name another server with {server.option}",
            zh=f"返回 HTTP {status}"
            + (f"（“{said}”）" if said else "")
            + f"，请用 {server.option} "
            "指定其他服务器",
        )
        raise _refused(server, hint)


def _retry_after_s(value: str | None) -> float | None:
    """Return the seconds a header Retry-After asks for: a number or a date."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _refused(server: Server, fault: Text) -> FetchError:
    return FetchError(
        Text(
            en=f"The {server.title.en} ({server.host}) {fault.en}.",
            zh=f"{server.title.zh}（{server.host}）{fault.zh}。",
        )
    )


def not_data(server: Server, body: bytes) -> FetchError:
    """Return the error for an answer that is a page for people, such as a proxy's login."""
    said = plain(body)
    return _refused(
        server,
        Text(
            en=f"answered with something else than data ('{said}'): check {server.option} and "
            "--proxy, or log in to the network first",
            zh=f"返回的不是数据（“{said}”）：请检查 {server.option} 与 --proxy，或先登录网络",
        ),
    )


def _untrusted(server: Server) -> FetchError:
    return _refused(
        server,
        Text(
            en="shows a certificate this machine does not trust: where a proxy opens the traffic, "
            "name its certificate in REQUESTS_CA_BUNDLE",
            zh="的证书不受本机信任：若有代理解密流量，请在 REQUESTS_CA_BUNDLE 中指定其证书",
        ),
    )


def _unusable_address(server: Server, error: Exception) -> FetchError:
    said = one_line(re.sub(r"[^\s/]*@", "", str(error)))
    return _refused(
        server,
        Text(
            en=f"cannot be asked ({said}): check {server.option} and --proxy",
            zh=f"无法请求（{said}）：请检查 {server.option} 与 --proxy",
        ),
    )
