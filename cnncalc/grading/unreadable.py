"""Why an answer can't be read: a reason in every language. Such an answer is asked for again, not marked as wrong."""

from __future__ import annotations

from cnncalc.errors import CnncalcError

#: What is wrong with an answer's form, by reason and language; `{got}` is the piece that can't be read.
REASONS: dict[str, dict[str, str]] = {
    "long": {
        "en": "an answer has at most 200 characters; give the number only",
        "fa": "پاسخ حداکثر ۲۰۰ نویسه دارد؛ تنها عدد را بنویسید",
    },
    "word": {
        "en": "“{got}” is not a number, a sign or a symbol of the question",
        "fa": "«{got}» عدد، علامت یا نمادی از سؤال نیست",
    },
    "character": {
        "en": "the character “{got}” can't be read; use digits and + - * x ( ) only",
        "fa": "نویسهٔ «{got}» خوانده نمی‌شود؛ تنها رقم‌ها و + - * x ( ) را به کار ببرید",
    },
    "superscript": {
        "en": "raised digits can't be read; write 36^2 or 36*36",
        "fa": "رقم‌های بالانویس خوانده نمی‌شوند؛ به صورت 36^2 یا 36*36 بنویسید",
    },
    "decimal": {
        "en": "“{got}” has a decimal point where a whole number is asked; mark thousands by a comma or a space, or not at all",
        "fa": "«{got}» ممیز دارد، ولی عددی صحیح خواسته شده است؛ هزارگان را با ویرگول یا فاصله جدا کنید یا جدا نکنید",
    },
    "groups": {
        "en": "in “{got}” the marks between digits do not stand in groups of three",
        "fa": "در «{got}» نشانه‌های میان رقم‌ها در دسته‌های سه‌تایی نیستند",
    },
    "neighbours": {
        "en": "two numbers stand side by side at “{got}”; join the sizes of a shape with x",
        "fa": "در «{got}» دو عدد بی‌علامت کنار هم آمده‌اند؛ اندازه‌های یک شکل را با x به هم بپیوندید",
    },
    "division": {
        "en": "a division is not read; write its result",
        "fa": "تقسیم خوانده نمی‌شود؛ حاصل آن را بنویسید",
    },
    "sum_in_shape": {
        "en": "a sum inside a shape stands in brackets, as in 16x(64-2)x62",
        "fa": "جمع و تفریق درون شکل باید در پرانتز باشد، مانند 16x(64-2)x62",
    },
    "shape_for_number": {
        "en": "one number is asked, not a list of several",
        "fa": "یک عدد خواسته شده است، نه فهرستی از چند عدد",
    },
    "unequal": {
        "en": "the two sides of “=” are not equal",
        "fa": "دو طرف «=» برابر نیستند",
    },
    "form": {
        "en": "the expression breaks off or has a sign too many at “{got}”",
        "fa": "عبارت در «{got}» ناتمام است یا علامتی زیادی دارد",
    },
    "large": {
        "en": "a number on the way is too large",
        "fa": "عددی در میان محاسبه بیش از اندازه بزرگ است",
    },
    "deep": {
        "en": "the brackets are nested too deeply",
        "fa": "پرانتزها بیش از اندازه تودرتو هستند",
    },
    "exponent": {
        "en": "an exponent is a whole number up to 4",
        "fa": "توان باید عددی صحیح و حداکثر ۴ باشد",
    },
    "option": {
        "en": "“{got}” is none of the options; give the id of one",
        "fa": "«{got}» هیچ‌یک از گزینه‌ها نیست؛ شناسهٔ یک گزینه را بنویسید",
    },
    "empty": {
        "en": "nothing is written",
        "fa": "چیزی نوشته نشده است",
    },
}


class UnreadableAnswer(CnncalcError):  # noqa: N818 - it is no error of the program: it is asked for again
    """An answer can't be read; `reason` is a key of `REASONS`, `piece` what could not be read."""

    def __init__(self, reason: str, piece: str = "") -> None:
        """Keep the reason; the message is its English text."""
        self.reason = reason
        self.piece = piece[:24]
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """What is wrong, in a language."""
        return REASONS[self.reason][language].replace("{got}", self.piece)
