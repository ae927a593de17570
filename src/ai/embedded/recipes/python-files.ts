import type { Recipe } from "./recipe";

/** Files, their formats and where they lie. */
export const PYTHON_FILES: readonly Recipe[] = [
  {
    id: "python-read-lines",
    language: "python",
    title: { ko: "텍스트 파일을 한 줄씩 읽기", en: "Read a text file line by line" },
    needs: "read file",
    keywords:
      "text line all lines one by one txt content utf-8 encoding large memory whole without 메모리 내용 전체 한글 큰",
    explanation: {
      ko: "파일을 열어 둔 채 한 줄씩 돌려주므로 큰 파일도 메모리에 모두 올리지 않습니다. with가 파일을 반드시 닫고, encoding을 적어 운영체제의 기본값에 기대지 않습니다.",
      en: "The file is walked line by line, so even a large one is never held in memory whole. `with` closes it in any case, and naming the encoding keeps it independent of the system's default.",
    },
    code: `from collections.abc import Iterator
from pathlib import Path


def read_lines(path: str | Path) -> Iterator[str]:
    """Yield each line of a UTF-8 text file without its line break."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\\n")
`,
    check: `import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    target = os.path.join(folder, "a.txt")
    Path(target).write_text("나루\\nferry\\n\\nlast", encoding="utf-8")
    assert list(read_lines(target)) == ["나루", "ferry", "", "last"]
`,
  },
  {
    id: "python-write-file",
    language: "python",
    title: { ko: "텍스트를 파일에 쓰거나 덧붙이기", en: "Write or append text to a file" },
    needs: "write|append file",
    keywords: "text line lines txt string utf-8 encoding content end 내용 문자열 한글 끝",
    explanation: {
      ko: "모드 'w'는 파일을 새로 쓰고 'a'는 끝에 덧붙입니다. with 블록이 끝나면 내용이 저장되고 파일이 닫힙니다.",
      en: "Mode `w` starts the file anew, `a` adds to its end. When the `with` block ends, the text is flushed and the file closed.",
    },
    code: `from pathlib import Path


def write_text(path: str | Path, text: str, append: bool = False) -> None:
    """Write text to a UTF-8 file, replacing what is there, or append to its end."""
    mode = "a" if append else "w"
    with open(path, mode, encoding="utf-8") as file:
        file.write(text)
`,
    check: `import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    target = os.path.join(folder, "a.txt")
    write_text(target, "하나\\n")
    write_text(target, "two\\n", append=True)
    assert Path(target).read_text(encoding="utf-8") == "하나\\ntwo\\n"
    write_text(target, "new")
    assert Path(target).read_text(encoding="utf-8") == "new"
`,
  },
  {
    id: "python-read-csv",
    language: "python",
    title: { ko: "CSV 파일을 딕셔너리 목록으로 읽기", en: "Read a CSV file into dictionaries" },
    needs: "read csv",
    keywords:
      "file list of dictionaries rows columns header column parse line table standard library 행 열 머리글 데이터",
    explanation: {
      ko: "DictReader가 첫 줄을 열 이름으로 삼아 각 행을 딕셔너리로 만듭니다. utf-8-sig는 엑셀이 붙이는 BOM을 떼어 내고, newline=''은 값 안의 줄바꿈을 지킵니다. 값은 모두 문자열입니다.",
      en: "`DictReader` takes the first line as column names and makes a dictionary of each row. `utf-8-sig` drops the mark that Excel writes, and `newline=''` keeps line breaks inside values. All values are strings.",
    },
    code: `import csv
from pathlib import Path


def read_csv(path: str | Path) -> list[dict[str, str]]:
    """Read a CSV file with a header line into one dictionary for each row."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
`,
    check: `import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    target = os.path.join(folder, "a.csv")
    Path(target).write_text('name,note\\n나루,"a, b"\\nkim,\\n', encoding="utf-8-sig")
    assert read_csv(target) == [{"name": "나루", "note": "a, b"}, {"name": "kim", "note": ""}]
`,
  },
  {
    id: "python-write-csv",
    language: "python",
    title: { ko: "딕셔너리 목록을 CSV 파일로 저장하기", en: "Write dictionaries to a CSV file" },
    needs: "write csv",
    keywords: "file list of dictionaries rows columns header excel export 행 열 머리글 데이터 엑셀",
    explanation: {
      ko: "DictWriter가 쉼표와 따옴표가 든 값을 알아서 감쌉니다. utf-8-sig로 쓰면 엑셀에서 한글이 깨지지 않습니다.",
      en: "`DictWriter` quotes values that hold commas or quotes. Writing as `utf-8-sig` lets Excel read other scripts than Latin too.",
    },
    code: `import csv
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_csv(path: str | Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write dictionaries as rows under a header; the first one's keys are the columns."""
    if not rows:
        raise ValueError("there are no rows to take the columns from")
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
`,
    check: `import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    target = os.path.join(folder, "a.csv")
    write_csv(target, [{"name": "나루", "note": "a, b"}, {"name": "kim", "note": 3}])
    with open(target, encoding="utf-8-sig", newline="") as file:
        assert file.read() == 'name,note\\r\\n나루,"a, b"\\r\\nkim,3\\r\\n'
try:
    write_csv("unused.csv", [])
    assert False
except ValueError:
    pass
`,
  },
  {
    id: "python-json-file",
    language: "python",
    title: { ko: "JSON 파일 읽고 쓰기", en: "Read and write a JSON file" },
    needs: "read|write|parse json",
    keywords:
      "file dictionary string data object utf-8 한글 데이터 객체 딕셔너리 문자열 변환 convert",
    explanation: {
      ko: "json.load와 json.dump가 JSON과 파이썬의 딕셔너리·리스트를 서로 바꿉니다. ensure_ascii=False를 주면 한글이 \\uXXXX가 아니라 그대로 저장됩니다.",
      en: "`json.load` and `json.dump` turn JSON into dictionaries and lists and back. `ensure_ascii=False` keeps letters of all scripts readable in the file.",
    },
    code: `import json
from pathlib import Path
from typing import Any


def load_json(path: str | Path) -> Any:
    """Read a JSON file. Raises json.JSONDecodeError, with line and column, for what is none."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def save_json(path: str | Path, value: Any) -> None:
    """Write a value as readable JSON."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=2)
`,
    check: `import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    target = os.path.join(folder, "a.json")
    save_json(target, {"이름": "나루", "n": [1, 2.5, None, True]})
    assert load_json(target) == {"이름": "나루", "n": [1, 2.5, None, True]}
    assert "나루" in Path(target).read_text(encoding="utf-8")
    Path(target).write_text("{", encoding="utf-8")
    try:
        load_json(target)
        assert False
    except json.JSONDecodeError:
        pass
`,
  },
  {
    id: "python-list-files",
    language: "python",
    title: { ko: "폴더에서 확장자로 파일 찾기", en: "List files in a folder by extension" },
    needs: "list|find file folder|extension",
    keywords:
      "all every files directory path recursive subfolders extension search 모든 하위 디렉터리 경로 목록 검색",
    explanation: {
      ko: "Path.rglob은 하위 폴더까지 훑습니다. 이 폴더만 볼 때는 glob으로 바꾸면 됩니다.",
      en: "`Path.rglob` looks into all folders below too; use `glob` for this folder alone.",
    },
    code: `from pathlib import Path


def find_files(folder: str | Path, extension: str) -> list[Path]:
    """All files with the extension (such as ".txt") in a folder and those below it, sorted."""
    return sorted(path for path in Path(folder).rglob(f"*{extension}") if path.is_file())
`,
    check: `import tempfile
with tempfile.TemporaryDirectory() as folder:
    base = Path(folder)
    (base / "b").mkdir()
    (base / "x.txt").mkdir()
    for name in ["a.txt", "b/c.txt", "d.md"]:
        (base / name).write_text("")
    assert find_files(folder, ".txt") == [base / "a.txt", base / "b" / "c.txt"]
`,
  },
];
