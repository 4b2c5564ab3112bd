// A file may be dropped anywhere on the page. All else works without this script.
const form = document.querySelector(".give");
const file = form.elements.file;

const over = (event) => {
  event.preventDefault();
  form.classList.add("over");
};
addEventListener("dragover", over);
addEventListener("dragleave", () => form.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  if (event.dataTransfer.files.length) {
    file.files = event.dataTransfer.files;
    form.requestSubmit();
  } else if (event.dataTransfer.getData("text")) {
    form.elements.text.value = event.dataTransfer.getData("text");
  }
});
file.addEventListener("change", () => file.files.length && form.requestSubmit());
form.addEventListener("submit", () => {
  form.querySelector(".busy").textContent = "Reading …";
});
// Going back shows the form as it was, without what it said on the way out.
addEventListener("pageshow", () => {
  form.querySelector(".busy").textContent = "";
});
