/** Particles and endings that a Korean word carries; the longest that fits is taken off. */
const ENDINGS =
  "에서부터 으로부터 에게서 이라고 이라는 으로서 으로써 에서는 에서도 까지는 입니다 합니다 습니다 했습니다 됩니다 하였다 되었다 했다 됐다 한다 된다 하는 되는 하고 되고 하며 하여 해서 이다 이며 이고 에서 에게 으로 까지 부터 처럼 보다 라는 라고 한테 들은 들이 들을 들의 은 는 이 가 을 를 의 에 로 와 과 도 만 들 한 할 된 될 다"
    .split(" ")
    .sort((a, b) => b.length - a.length);

const STOP = new Set(
  `a about above after again all also am an and any are as at be because been before being below between both but by can could did do does doing down during each few for from further had has have having he her here hers him his how i if in into is it its itself just me more most my no nor not now of off on once only or other our out over own same she should so some such than that the their them then there these they this those through to too under until up very was we were what when where which while who whom why will with would you your said says may might must one two
  그 이 저 것 수 등 및 또 또는 그리고 그러나 하지만 그래서 때문 대한 대해 위해 통해 따라 있 없 하 되 같 우리 저희 그녀 그들 이것 그것 여기 거기 지금 오늘 어제 내일 더 가장 매우 모두 다시 이번 지난 있다 없다 하다 되다 있는 없는 같은 위한 관한 라며 밝혔 말했 있습니 없습니 했습니`.split(
    /\s+/,
  ),
);

const HANGUL = /[가-힣]/;

/** The words of a text that say something, in their order and without their endings. */
export function contentWords(text: string, language: string): string[] {
  const segmenter = new Intl.Segmenter(language, { granularity: "word" });
  const words: string[] = [];
  const read = text.replaceAll(/\bhttps?:\/\/\S+|\S+@\S+/g, " ");
  for (const { segment, isWordLike } of segmenter.segment(read)) {
    if (isWordLike !== true) continue;
    const word = stemOf(segment.toLowerCase());
    // One syllable is a word in Korean, and one letter is none.
    if ((word.length > 1 || /[가-힣]/.test(word)) && !STOP.has(word) && !/^[\d.,]+$/.test(word))
      words.push(word);
  }
  return words;
}

function stemOf(word: string): string {
  if (!HANGUL.test(word)) return word.replace(/['’]s$/, "");
  // After one syllable only these two are surely particles: 강을, but 배가 and 나이.
  if (word.length === 2 && /[을를]$/.test(word)) return word.slice(0, 1);
  const ending = ENDINGS.find((text) => word.length - text.length >= 2 && word.endsWith(text));
  return ending === undefined ? word : word.slice(0, -ending.length);
}
