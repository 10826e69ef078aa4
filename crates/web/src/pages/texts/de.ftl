# Die Texte der Seiten auf Deutsch. Jede Sprachdatei hat dieselben Namen.

## Auf jeder Seite

opens-elsewhere = öffnet sich in einem neuen Tab
cancel = Abbrechen
continue = Weiter
client-links = Über { $client }:
client-links-policy = Datenschutzerklärung
client-links-terms = Nutzungsbedingungen

## Wer angemeldet ist

account-signed-in-as = Angemeldet als
account-not-you = Nicht Sie?
password-show = Anzeigen
password-hide = Verbergen

## Seiten, die von selbst weitergehen

form-post-title = Einen Moment
form-post-heading = Einen Moment
form-post-text = Sie kehren zu { $client } zurück.
form-post-manually = Wenn nichts geschieht, wählen Sie „Weiter“.
repost-title = Einen Moment
repost-heading = Einen Moment
repost-text = Ihre Anmeldung wird vorbereitet.

## Fehler

error-problem = Fehler
error-request-id = Anfrage-ID
error-request-id-hint = Wenn Sie um Hilfe bitten, geben Sie bitte diese ID an.
error-return = Zurück zur Anwendung
error-place = Die Anwendung ist unter { $place } zu finden.
error-account = Ihr Konto
error-explain-heading = Für Entwickler
error-explain-cause = Ursache
error-explain-rule = Regel
error-explain-received = Erhalten
error-explain-expected = Erwartet
error-explain-fix = Abhilfe
error-explain-docs = Mehr über diese Ursache

cause-text = Diese Ursache steht im Protokoll des Dienstes und, wenn Erläuterungen eingeschaltet sind, auch in seinen Fehlerantworten.
cause-code = Fehlercode

error-invalid-request-heading = Anfrage nicht verstanden
error-invalid-request-text = Die Anfrage der Anwendung ist unvollständig oder fehlerhaft. Bitte kehren Sie zur Anwendung zurück und versuchen Sie es noch einmal.
error-interaction-expired-heading = Diese Seite ist nicht mehr verfügbar
error-interaction-expired-text = Sie ist Teil einer Anmeldung und lässt sich nicht einzeln öffnen. Bitte beginnen Sie in der Anwendung von vorn.
error-other-browser-heading = Dieses Formular gehört nicht zu diesem Browser
error-other-browser-text = Es wurde in einem anderen Browser oder einer anderen Sitzung geöffnet, ist unvollständig, oder Ihr Browser blockiert Cookies für diese Website. Bitte beginnen Sie in der Anwendung von vorn.
error-not-found-heading = Seite nicht gefunden
error-not-found-text = Unter dieser Adresse gibt es keine Seite.
error-method-not-allowed-heading = Diese Adresse lässt sich so nicht öffnen
error-method-not-allowed-text = Sie ist Teil einer Anmeldung und lässt sich nicht einzeln öffnen. Bitte beginnen Sie in der Anwendung von vorn.
error-too-large-heading = Anfrage zu groß
error-too-large-text = Die Anwendung hat mehr gesendet, als dieser Dienst annimmt. Bitte wenden Sie sich an deren Betreiber.
error-server-fault-heading = Hier ist etwas schiefgegangen
error-server-fault-text = Es liegt nicht an Ihnen. Bitte versuchen Sie es gleich noch einmal.
error-unavailable-heading = Zurzeit nicht verfügbar
error-unavailable-text = Etwas, das dieser Dienst braucht, ist gerade nicht erreichbar. Bitte versuchen Sie es in Kürze noch einmal.
