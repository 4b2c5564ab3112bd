"use strict";

// Filters the list of decisions. The page is whole without this script.
{
  const form = document.querySelector(".filter");
  const found = form.querySelector("output");
  const rows = [...document.querySelectorAll(".decision")].map((element) => ({
    element,
    words: element.textContent.toLowerCase(),
    marks: [...element.querySelectorAll(".marks > .mark")].map((mark) => ({
      tag: mark.querySelector(".tag").textContent,
      state: ["missed", "wrong"].find((state) => mark.classList.contains(state)) ?? "right",
    })),
  }));

  const inState = (marks, state) => {
    if (state === "mistaken") return marks.some((mark) => mark.state !== "right");
    if (state === "right") return marks.every((mark) => mark.state === "right");
    return marks.some((mark) => mark.state === state);
  };

  const matches = (row, { words, tag, state }) => {
    const marks = tag ? row.marks.filter((mark) => mark.tag === tag) : row.marks;
    if (tag && !marks.length) return false;
    if (state && !inState(marks, state)) return false;
    return words.split(/\s+/).every((word) => row.words.includes(word));
  };

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form));
    wanted.words = wanted.words.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.element.hidden = !matches(row, wanted);
      shown += !row.element.hidden;
    }
    found.textContent = `${shown.toLocaleString("en-GB")} of ${rows.length.toLocaleString("en-GB")}`;
  };

  // A link to a decision that the filter hides shows all again, and opens its mistakes.
  const arrive = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches(".decision")) return;
    if (target.hidden) {
      form.reset();
      filter();
    }
    target.querySelector("details")?.setAttribute("open", "");
    target.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  addEventListener("hashchange", arrive);
  filter();
  arrive();
}
