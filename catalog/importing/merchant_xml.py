"""A merchant feed as XML: RSS 2.0 or Atom, read element by element in bounded memory."""

from collections.abc import Iterator
from xml.parsers import expat

from django.utils.translation import gettext as _

from catalog.importing.merchant import FIELDS, TAKEN_FOR_GRANTED, MerchantFeed
from catalog.importing.rows import Place
from catalog.importing.source import Source, UnreadableFile
from catalog.importing.spool import Row

GOOGLE = {"http://base.google.com/ns/1.0", "https://base.google.com/ns/1.0"}
ATOM = "http://www.w3.org/2005/Atom"
ITEMS = {"item", f"{ATOM} entry"}
# Elements of RSS and Atom themselves that say the same as Google's of another name.
PLAIN = {"summary": "description", "content": "description"}
GRANTED = TAKEN_FOR_GRANTED | {"guid", "pubDate", "updated", "published", "author"}
SEVERAL = "additional_image_link"

Item = dict[str, str]
DEEPEST = 100
LONGEST_ITEM = 8 * 1024 * 1024
PIECE = 64 * 1024


class MerchantXml(MerchantFeed):
    """Its items become rows of a table with a column for each name of `FIELDS`."""

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return False  # a document has no header

    def table(self) -> tuple[list[str], Iterator[Row]]:
        return list(FIELDS), self._rows()

    def _rows(self) -> Iterator[Row]:
        items = _Items(self.source)
        is_empty = True
        for place, item in items.read():
            is_empty = False
            self.unused.update(name for name in item if name not in FIELDS and name not in GRANTED)
            yield place, [item.get(name, "") for name in FIELDS]
        if is_empty:
            raise UnreadableFile(_("%(file)s is XML without items of a merchant feed.") % {"file": self.source.name})


class _Items:
    """The items of a feed with the texts of their own elements, as the parser comes upon them.

    A document type is refused, and with it every entity and every fetch from
    elsewhere; so are elements, depths and items beyond what a feed has.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._document_type
        self._depth = 0
        self._item_depth = 0
        self._item: Item = {}
        self._plain: Item = {}
        self._place = Place()
        self._length = 0
        self._words: list[str] = []
        self._found: list[tuple[Place, Item]] = []

    def read(self) -> Iterator[tuple[Place, Item]]:
        fed = 0
        try:
            for unpacked in self._source.unpacked_bytes():
                for start in range(0, len(unpacked), PIECE):
                    piece = unpacked[start : start + PIECE]
                    self._parser.Parse(piece)
                    fed += len(piece)
                    if fed - self._parser.CurrentByteIndex > LONGEST_ITEM:
                        raise self._refused(_("an element is too long"))
                    yield from self._found
                    self._found.clear()
            self._parser.Parse(b"", True)
            yield from self._found
        except expat.ExpatError as error:
            yield from self._found
            raise self._refused(expat.ErrorString(error.code)) from error

    def _refused(self, reason: str) -> UnreadableFile:
        sentence = _("From line %(line)d on the file is no readable XML: %(reason)s.")
        return UnreadableFile(sentence % {"line": self._parser.CurrentLineNumber, "reason": reason})

    def _document_type(self, *_declared: object) -> None:
        raise self._refused(_("it declares a document type, which is not taken"))

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refused(_("it is nested too deeply"))
        if not self._item_depth and name in ITEMS:
            self._item_depth = self._depth
            self._item, self._plain = {}, {}
            self._length = 0
            self._place = Place(line=self._parser.CurrentLineNumber)
        if self._depth == self._item_depth + 1:
            self._words = []

    def _text(self, words: str) -> None:
        if self._item_depth:
            self._length += len(words)
            if self._length > LONGEST_ITEM:
                raise self._refused(_("an item is too long"))
            self._words.append(words)

    def _end(self, name: str) -> None:
        if self._item_depth and self._depth == self._item_depth + 1:
            self._keep(name, "".join(self._words).strip())
        elif self._depth == self._item_depth:
            self._item_depth = 0
            self._found.append((self._place, self._plain | self._item))
        self._depth -= 1

    def _keep(self, name: str, text: str) -> None:
        """An element's text. Google's own comes before that of RSS or Atom; of several the first is kept."""
        space, _space, local = name.rpartition(" ")
        if not text:
            return
        if space not in GOOGLE:
            self._plain.setdefault(PLAIN.get(local, local), text)
        elif local == SEVERAL and local in self._item:
            self._item[local] += f",{text}"
        else:
            self._item.setdefault(local, text)
