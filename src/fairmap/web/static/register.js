/* Tells what is wrong with the questionnaire while it is filled in. The server judges, by the same rules as when it is sent; without
   this script it does so then. Only questions that somebody has touched are spoken of, until the form was sent once. */
"use strict";
for (const form of document.querySelectorAll("form[data-check]")) {
  const summary = document.getElementById("faults"), status = document.getElementById("judged");
  const touched = new Set();
  let timer, asking;

  const questionOf = (control) => control.name === "spatial-other" ? "spatial" : control.name.replace(/^unknown-/, "");
  const textOf = (name) => document.querySelector(`#q-${name} > :is(label, legend)`)?.firstChild.textContent.trim() ?? name;
  const heard = (faults, name) => faults.filter((fault) => fault.field === name).map((fault) => fault.message);

  const mark = (question, messages) => {
    const name = question.id.slice(2), hint = document.getElementById(`hint-${name}`);
    const before = [...question.querySelectorAll(".wrong")];
    if (before.map((one) => one.textContent).join("\n") === messages.join("\n")) return [];
    before.forEach((one) => one.remove());
    const shown = messages.map((message, number) => {
      const one = document.createElement("p");
      one.className = "wrong";
      one.id = `wrong-${name}-${number + 1}`;
      one.textContent = message;
      return one;
    });
    (hint ?? question.firstElementChild).after(...shown);
    const control = question.matches("fieldset") ? question : document.getElementById(name);
    control.setAttribute("aria-describedby", [hint?.id, ...shown.map((one) => one.id)].filter(Boolean).join(" "));
    if (messages.length) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    return messages.length ? messages.map((message) => `${textOf(name)}: ${message}`) : [`${textOf(name)}: mended.`];
  };

  const summarise = (faults) => {
    const many = faults.length;
    summary.classList.toggle("mended-all", many === 0);
    summary.querySelector("h2").textContent = many === 0 ? "All answers can be sent now" : many === 1 ? "1 answer is to be mended" : `${many} answers are to be mended`;
    summary.querySelector("ul").replaceChildren(...faults.map((fault) => {
      const line = document.createElement("li"), link = document.createElement("a");
      link.href = `#q-${fault.field}`;
      link.textContent = textOf(fault.field);
      line.append(fault.field ? link : fault.message);
      return line;
    }));
  };

  const tell = (faults) => {
    const said = [...form.querySelectorAll("[id^='q-']")]
      .filter((question) => summary || touched.has(question.id.slice(2)))
      .flatMap((question) => mark(question, heard(faults, question.id.slice(2))));
    if (said.length) status.textContent = said.join(" ");
    if (summary) summarise(faults);
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const answers = new URLSearchParams(new FormData(form));
    answers.delete("form-key");
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: answers, signal: asking.signal });
      if (answer.ok) tell((await answer.json()).faults);
    } catch { /* nothing is told now; the server judges again when the form is sent */ }
  };

  const soon = (event, wait) => {
    if (!event.target.name || event.target.name === "form-key") return;
    touched.add(questionOf(event.target));
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };
  form.addEventListener("input", (event) => soon(event, 800));
  form.addEventListener("change", (event) => soon(event, 150));
}
