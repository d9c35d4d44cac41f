// Asks the authenticator, puts what it says into the form, and sends the form as it is.
"use strict";

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function described(credential) {
  const found = { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: {} };
  found.clientExtensionResults = credential.getClientExtensionResults();
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) {
      found.response[name] = text(credential.response[name]);
    }
  }
  return JSON.stringify(found);
}

function readied(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) {
    options.user.id = bytes(options.user.id);
  }
  for (const list of [options.excludeCredentials, options.allowCredentials]) {
    for (const one of list || []) {
      one.id = bytes(one.id);
    }
  }
  return options;
}

async function begun(form) {
  const answer = await fetch(form.dataset.begin, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(new FormData(form)),
  });
  const said = await answer.json();
  if (!answer.ok) {
    throw new Error([said.detail, said.hint].filter(Boolean).join(" "));
  }
  return readied(said);
}

async function asked(form) {
  const options = await begun(form);
  if (form.dataset.passkey === "enrol") {
    form.elements.credential.value = described(await navigator.credentials.create({ publicKey: options }));
  } else {
    form.elements.assertion.value = described(await navigator.credentials.get({ publicKey: options }));
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const note = form.querySelector("[role='alert']");
    const button = form.querySelector("button");
    note.hidden = true;
    button.disabled = true;
    try {
      await asked(form);
      form.submit();
    } catch (fault) {
      note.textContent = fault.name === "NotAllowedError" ? "Nothing was confirmed: it was cancelled, or took too long." : fault.message;
      note.hidden = false;
      button.disabled = false;
    }
  });
}
