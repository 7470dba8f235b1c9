"""What a student is told, in every language. It says what a number is, never what somebody did; what is right comes first.

No right answer stands in it unless the sheet's answers are released.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnncalc.grading.answers import INVISIBLE
from cnncalc.sheets.answering import Wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnncalc.grading.unreadable import UnreadableAnswer
    from cnncalc.sheets.model import Localized

LANGUAGES = ("en", "fa")
#: How much of an answer is echoed.
MAX_ECHO = 60

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "right": "Right.",
        "right_steps": "The steps are right; the final number is not the last of them.",
        "other_steps": "The steps are not the right ones. {what}",
        "steps_end_elsewhere": "The final number is not the last of them.",
        "channels_right": "The number of channels is right.",
        "spatial_right": "The sides are right.",
        "accepted": "{answer}: accepted {credit}. {note}",
        "in_full": "in full",
        "in_part": "in part, with {share} % of the marks",
        "carried": "{answer}: this is right for the value given in {asks}. Carried forward: the marks are not lost twice.",
        "slip": "{answer}: {what}",
        "several": "{answer}: several rules give this number. {what}",
        "ask_steps": "The number alone cannot tell them apart; the steps would.",
        "steps_tell": "The steps tell which rule it is.",
        "two": "{answer}: this fits two slips at once. {what}",
        "in_reading": "{answer}: in another reading ({note}) this is a known number. {what}",
        "unexplained": "{answer} is not right, and no known slip gives it.",
        "malformed": "{answer}: this cannot be read: {what}. It is not marked as wrong: please write it again.",
        "missing": "There is no answer.",
        "human": "A human marks this answer.",
        "refused": "The submission could not be read; see its problem.",
        "share": "It keeps {share} % of the marks.",
        "unit": "The unit behind the number is another one than the question's.",
        "released": "The right answer is {answer}.",
        "wrong_option": "{answer} is not the right option.",
        "and": " and ",
    },
    "fa": {
        "right": "درست است.",
        "right_steps": "گام‌ها درست‌اند؛ عدد پایانی آخرین گام نیست.",
        "other_steps": "گام‌ها گام‌های درست نیستند. {what}",
        "steps_end_elsewhere": "عدد پایانی آخرین گام نیست.",
        "channels_right": "تعداد کانال‌ها درست است.",
        "spatial_right": "طول و عرض درست است.",
        "accepted": "{answer}: {credit} پذیرفته شد. {note}",
        "in_full": "به‌طور کامل",
        "in_part": "با {share} درصد نمره",
        "carried": "{answer}: این برای مقداری که در {asks} آمده درست است. خطا یک بار حساب شده و نمرهٔ این بخش کم نمی‌شود.",
        "slip": "{answer}: {what}",
        "several": "{answer}: چند قاعده این عدد را می‌دهند. {what}",
        "ask_steps": "عدد به‌تنهایی آن‌ها را از هم جدا نمی‌کند؛ گام‌ها جدا می‌کنند.",
        "steps_tell": "گام‌ها نشان می‌دهند که کدام قاعده است.",
        "two": "{answer}: این عدد از دو لغزش با هم به دست می‌آید. {what}",
        "in_reading": "{answer}: در برداشتی دیگر ({note}) این عددی شناخته‌شده است. {what}",
        "unexplained": "{answer} درست نیست و هیچ لغزش شناخته‌شده‌ای این را نمی‌دهد.",
        "malformed": "{answer}: این پاسخ خوانده نمی‌شود: {what}. نادرست به شمار نمی‌آید؛ لطفاً دوباره بنویسید.",
        "missing": "پاسخی داده نشده است.",
        "human": "این پاسخ را مصحح می‌خواند.",
        "refused": "فایل پاسخ خوانده نشد؛ علت در گزارش آمده است.",
        "share": "{share} درصد نمره می‌ماند.",
        "unit": "یکای نوشته‌شده یکای سؤال نیست.",
        "released": "پاسخ درست {answer} است.",
        "wrong_option": "{answer} گزینهٔ درست نیست.",
        "and": " و ",
    },
}


def echoed(text: str) -> str:
    """What was handed in, fit to be shown: short, in one line, without marks that change the order of text."""
    plain = text.translate(INVISIBLE)
    plain = " ".join("".join(char if char.isprintable() else " " for char in plain).split())
    return plain if len(plain) <= MAX_ECHO else f"{plain[: MAX_ECHO - 1]}…"


def percent(share: float) -> str:
    """A share in percent."""
    return f"{100 * share:.4g}"


class Words:
    """Puts the feedback on one ask together, in every language at once."""

    def __init__(self, params: Mapping[str, int], answer: str) -> None:
        """Take the parameters that texts of the sheet may name, and the answer as it was handed in."""
        self._wording = {language: Wording(language, dict(params), persian_digits=True) for language in LANGUAGES}
        self._answer = echoed(answer)
        self._said: dict[str, list[str]] = {language: [] for language in LANGUAGES}

    def say(
        self,
        phrase: str,
        *,
        texts: Sequence[Localized] = (),
        note: Localized | None = None,
        share: float | None = None,
        asks: Sequence[str] = (),
        answer: str | None = None,
        reason: UnreadableAnswer | None = None,
    ) -> Words:
        """Add a phrase, with texts of the sheet or of slips in its place for them."""
        for language in LANGUAGES:
            wording = self._wording[language]
            what = reason.text(language) if reason else " ".join(_in(wording, text) for text in texts)
            parts = {
                "{answer}": wording.quoted(self._answer if answer is None else answer),
                "{what}": what,
                "{note}": _sentence(_in(wording, note)) if note else "",
                "{share}": wording.number(float(percent(share or 0))),
                "{asks}": PHRASES[language]["and"].join(wording.quoted(ask) for ask in asks),
                "{credit}": _credit(share, wording),
            }
            self._said[language].append(_filled(PHRASES[language][phrase], parts))
        return self

    def done(self) -> dict[str, str]:
        """The whole feedback by language."""
        return {language: " ".join(part.strip() for part in said if part.strip()) for language, said in self._said.items()}


def _in(wording: Wording, text: Localized) -> str:
    """A text in a language; a sheet may be written in one only, and better that one than none."""
    return wording.text(text) if wording.language in text else next(iter(text.values()), "")


def _filled(phrase: str, parts: Mapping[str, str]) -> str:
    """A phrase with its places filled in one go, so that nothing handed in is filled again."""
    return re.sub(r"\{[a-z]+\}", lambda place: parts[place.group()], phrase)


def _sentence(note: str) -> str:
    """A note of a sheet as a sentence."""
    note = note.strip()
    if not note:
        return ""
    note = note[0].upper() + note[1:]
    return note if note[-1] in ".!?؟" else f"{note}."


def _credit(share: float | None, wording: Wording) -> str:
    """How far something was accepted."""
    if share is None or share >= 1:
        return PHRASES[wording.language]["in_full"]
    return PHRASES[wording.language]["in_part"].replace("{share}", wording.number(float(percent(share))))


def said(phrase: str) -> dict[str, str]:
    """A phrase without places, by language."""
    return {language: PHRASES[language][phrase] for language in LANGUAGES}
