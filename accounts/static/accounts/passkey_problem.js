// Says why a passkey cannot be used, where allauth's own script only writes to the console.
(function () {
  const BUTTONS = "#passkey_login, #mfa_webauthn_add, #mfa_webauthn_authenticate, #mfa_webauthn_reauthenticate";

  function tell (text) {
    const problem = document.getElementById("passkey_problem");
    const card = document.querySelector("main .card");
    const heading = card.querySelector("h1");
    if (heading) heading.after(problem); else card.prepend(problem);
    problem.textContent = text;
    problem.hidden = false;
  }

  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    tell(document.getElementById("passkey_problem").dataset.refused);
  });

  document.addEventListener("DOMContentLoaded", function () {
    if (window.PublicKeyCredential) return;
    for (const button of document.querySelectorAll(BUTTONS)) {
      button.addEventListener("click", function (event) {
        event.preventDefault();
        event.stopImmediatePropagation();
        tell(document.getElementById("passkey_problem").dataset.missing);
      }, { capture: true });
    }
  });
})();
