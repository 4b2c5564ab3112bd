// The rows are data; a page of them is shown at a time, so that 10,000 stay quick.
const PAGE = 50;
const tags = JSON.parse(document.getElementById("tags").textContent);
const rows = JSON.parse(document.getElementById("rows").textContent).map(
  ([page, title, source, body, reference, year, day, subject, category, outcome, found, review]) => ({
    page, title, source, body, reference, year, day, subject, category, outcome, found, review,
    words: `${title} ${reference} ${reference.replaceAll(" ", "")} ${category} ${outcome}`.toLowerCase(),
  }),
);

const form = document.querySelector(".filter");
const list = document.querySelector(".listed");
const output = form.querySelector("output");
const more = document.querySelector(".more");
const empty = document.querySelector(".empty");
let matching = rows;
let shown = 0;

const element = (name, text = "", className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const item = (row) => {
  const entry = element("li");
  const about = element("div");
  const heading = element("h2");
  const name = element(row.page ? "a" : "span", row.title);
  if (row.page) name.href = row.page;
  else name.tabIndex = -1;
  heading.append(name);
  about.append(heading);
  about.append(element("p", [row.reference, row.day, row.outcome].filter(Boolean).join(" · ")));
  if (row.category) about.append(element("p", row.category));
  if (!row.page) about.append(element("p", row.source, "source"));
  const found = element("ul");
  for (const number of row.found) {
    const [tag, family] = tags[number];
    const one = element("li");
    one.append(element("span", tag, `tag ${family}`));
    found.append(one);
  }
  if (!row.found.length) found.append(element("li", "no ground, bar or remedy", "quiet"));
  entry.append(about, found);
  return entry;
};

const showMore = () => {
  const added = matching.slice(shown, shown + PAGE).map(item);
  list.append(...added);
  shown = Math.min(shown + PAGE, matching.length);
  more.hidden = shown === matching.length;
  return added;
};

const filter = (known = true) => {
  const wanted = Object.fromEntries(new FormData(form));
  const words = wanted.words.trim().toLowerCase().split(/\s+/);
  const asked = [wanted.tag, wanted.also].filter(Boolean).map((tag) => tags.findIndex(([id]) => id === tag));
  matching = rows.filter(
    (row) =>
      known && // nothing is like what a list does not know
      asked.every((tag) => row.found.includes(tag)) &&
      (!wanted.body || row.body === wanted.body) &&
      (!wanted.subject || row.subject === wanted.subject) &&
      (!wanted.year || row.year === wanted.year) &&
      (!wanted.review || row.review) &&
      words.every((word) => row.words.includes(word)),
  );
  list.replaceChildren();
  shown = 0;
  showMore();
  empty.hidden = matching.length > 0;
  output.textContent = `${matching.length.toLocaleString("en-GB")} of ${rows.length.toLocaleString("en-GB")} decisions`;
};

const refine = () => {
  filter();
  const wanted = [...new FormData(form)].filter(([, value]) => value);
  history.replaceState(null, "", `#${new URLSearchParams(wanted)}`);
};

// What is asked for is in the address: links can ask, and going back finds it again.
const ask = () => {
  form.reset();
  let known = true;
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    const field = form.elements[name];
    if (!field) continue;
    if (field.type === "checkbox") field.checked = true;
    else field.value = value;
    known &&= field.type === "checkbox" || field.value === value;
  }
  filter(known);
};

form.hidden = false;
form.addEventListener("input", refine);
form.addEventListener("submit", (event) => event.preventDefault());
form.querySelector("[type=reset]").addEventListener("click", () => setTimeout(refine));
more.addEventListener("click", () => {
  const [first] = showMore();
  first.querySelector("a, h2 span").focus();
});
empty.querySelector("button").addEventListener("click", () => {
  form.reset();
  refine();
  form.elements.words.focus();
});
addEventListener("hashchange", () => {
  if (location.hash && !location.hash.includes("=")) return; // a part of the page
  ask();
  if (!location.hash) return;
  form.scrollIntoView();
  output.focus({ preventScroll: true });
});
ask();
