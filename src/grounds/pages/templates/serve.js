// A file may be dropped anywhere on the page. All else works without this script.
const form = document.querySelector(".give");
const { file, text } = form.elements;

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
    text.value = event.dataTransfer.getData("text");
    file.value = "";
  }
});
file.addEventListener("change", () => file.files.length && form.requestSubmit());
// What was given last is tagged: text puts a file away, and a file goes without the text.
text.addEventListener("input", () => {
  file.value = "";
});
form.addEventListener("formdata", (event) => file.files.length && event.formData.delete("text"));
form.addEventListener("submit", () => {
  form.querySelector(".busy").textContent = "Reading …";
});
// Going back shows the form with its text, without the file and what it said on the way out.
addEventListener("pageshow", () => {
  file.value = "";
  form.querySelector(".busy").textContent = "";
});
