# Die Texte der Seiten auf Deutsch. Jede Sprachdatei hat dieselben Namen.

## Anmeldung

login-title = Anmelden
login-title-problem = Anmeldung fehlgeschlagen
login-heading = Anmelden
login-for = weiter zu { $client }
login-for-account = weiter zu Ihrem Konto
login-confirming-heading = Bitte bestätigen Sie, dass Sie es sind
login-other = Nicht Sie? Anderes Konto verwenden
login-username = Benutzername oder E-Mail-Adresse
login-password = Passwort
login-submit = Anmelden
login-rejected = Das hat nicht geklappt. Bitte prüfen Sie Benutzername und Passwort und versuchen Sie es noch einmal.
login-expired = Diese Seite war zu lange offen. Bitte melden Sie sich noch einmal an.
login-throttled-seconds =
    { $count ->
        [one] Zu viele Versuche. Bitte warten Sie eine Sekunde und versuchen Sie es dann noch einmal.
       *[other] Zu viele Versuche. Bitte warten Sie { $count } Sekunden und versuchen Sie es dann noch einmal.
    }
login-throttled-minutes =
    { $count ->
        [one] Zu viele Versuche. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.
       *[other] Zu viele Versuche. Bitte warten Sie { $count } Minuten und versuchen Sie es dann noch einmal.
    }

## Auswahl des Kontos

account-title = Konto auswählen
account-heading = Konto auswählen
account-for = weiter zu { $client }
account-continue = Weiter als { $name }
account-other = Anderes Konto verwenden

## Zustimmung

consent-title = Zugriff erlauben
consent-heading = { $client } bittet um Zugriff auf Ihr Konto
consent-heading-sign-in = Bei { $client } anmelden
consent-destination-site = Danach gelangen Sie zu { $place }.
consent-destination-device = Danach gelangen Sie zu einem Programm auf diesem Gerät ({ $place }).
consent-scopes = Damit erlauben Sie { $client }:
consent-sign-in-only = { $client } möchte Sie anmelden und erhält dafür eine Kennung Ihres Kontos, sonst nichts.
consent-sign-in-and = { $client } möchte Sie anmelden und darf dann:
consent-unverified = Diese Anwendung hat sich selbst registriert und wurde vom Betreiber dieses Dienstes nicht geprüft. Erlauben Sie den Zugriff nur, wenn Sie sie kennen und ihr vertrauen.
consent-asked-always = Sie werden jedes Mal gefragt, weil sich jedes Programm auf diesem Gerät als diese Anwendung ausgeben könnte. Erlauben Sie den Zugriff nur, wenn Sie sie gerade selbst gestartet haben.
consent-allow = Erlauben
consent-deny = Ablehnen
scope-profile = Ihr Profil sehen
scope-profile-details = Name, Benutzername, Bild, Website, Geschlecht, Geburtstag, Sprache und Zeitzone, soweit Sie sie angegeben haben.
scope-email = Ihre E-Mail-Adresse sehen
scope-email-details = Und ob sie bestätigt ist.
scope-address = Ihre Postanschrift sehen
scope-address-details = Straße, Ort, Region, Postleitzahl und Land.
scope-phone = Ihre Telefonnummer sehen
scope-phone-details = Und ob sie bestätigt ist.
scope-offline-access = Diesen Zugriff behalten, wenn Sie nicht da sind
scope-offline-access-details = Die Anwendung kann ihn auch in Ihrer Abwesenheit nutzen, sogar nachdem Sie sich abgemeldet haben, bis Sie ihn widerrufen.

## Abmeldung

logout-title = Abmelden
logout-heading = Abmelden?
logout-asked-by = { $client } möchte Sie abmelden.
logout-effect = Sie werden hier abgemeldet. Die Anwendungen, die Sie geöffnet haben, werden benachrichtigt; eine, bei der das nicht möglich ist, kann Sie angemeldet lassen, bis ihre eigene Sitzung endet.
logout-confirm = Abmelden
logout-cancel = Angemeldet bleiben
logout-problem-hint = Der Nachweis der Anwendung über Ihre Anmeldung wurde nicht angenommen.
logout-problem-client = Es ist nicht bekannt, welche Anwendung fragt. Sie bleiben auf dieser Seite.
logout-problem-return-address = Die Rückkehradresse der Anwendung ist nicht registriert. Sie bleiben auf dieser Seite.
logout-problem-too-long = Die Anfrage der Anwendung ist zu lang. Sie bleiben auf dieser Seite.
logout-problem-unreadable = Die Anfrage der Anwendung war nicht lesbar.
logout-problem-confirmation = Diese Seite war zu lange offen oder wurde in einem anderen Browser geöffnet. Bitte entscheiden Sie noch einmal.
logged-out-title = Abgemeldet
logged-out-heading = Sie sind abgemeldet
logged-out-text = Sie können dieses Fenster jetzt schließen.
logged-out-stayed-title = Weiterhin angemeldet
logged-out-stayed-heading = Sie sind weiterhin angemeldet
logged-out-stayed-text = Es hat sich nichts geändert. Sie können dieses Fenster jetzt schließen.
logged-out-telling = Die Anwendungen, die Sie geöffnet haben, werden benachrichtigt.
logged-out-telling-and-back = Die Anwendungen, die Sie geöffnet haben, werden benachrichtigt. Sie werden gleich zurückgeleitet.
logged-out-frame = Abmeldung von einer Anwendung
logged-out-continue = Zurück zu { $client }
logged-out-continue-unnamed = Zurück zur Anwendung

## Erste Einrichtung

setup-title = Erste Einrichtung
setup-heading = Willkommen
setup-text = Legen Sie das erste Konto an. Es verwaltet diesen Dienst.
setup-name = Name
setup-email = E-Mail-Adresse
setup-username = Benutzername
setup-username-hint = Sie können sich damit oder mit Ihrer E-Mail-Adresse anmelden.
setup-password = Passwort
setup-password-hint = Mindestens { $minimum } Zeichen. Einige Wörter ohne Zusammenhang eignen sich gut.
setup-password-again = Passwort wiederholen
setup-submit = Konto anlegen
setup-problems = Bitte prüfen Sie Folgendes:
setup-problem-name-missing = Geben Sie Ihren Namen ein.
setup-problem-email-invalid = Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.
setup-problem-email-taken = Diese E-Mail-Adresse gehört schon zu einem Konto.
setup-problem-username-invalid = Wählen Sie einen Benutzernamen ohne Leerzeichen.
setup-problem-username-taken = Dieser Benutzername gehört schon zu einem Konto.
setup-problem-password-too-short = Wählen Sie ein Passwort mit mindestens { $minimum } Zeichen.
setup-problem-password-too-long = Dieses Passwort ist zu lang.
setup-problem-password-too-common = Dieses Passwort ist leicht zu erraten. Wählen Sie ein anderes.
setup-problem-passwords-differ = Die beiden Passwörter stimmen nicht überein.
setup-done-title = Einrichtung abgeschlossen
setup-done-heading = Alles bereit
setup-done-text = Sie sind angemeldet, { $name }. Melden Sie sich von nun an mit dem Benutzernamen und dem Passwort an, die Sie gewählt haben.
setup-done-continue = Weiter
setup-done-account = Ihr Konto

## Die Kontoseite

your-account-title = Ihr Konto
your-account-heading = Ihr Konto
your-account-email = E-Mail
your-account-text = Sie sind in diesem Browser angemeldet. Anwendungen, die diesen Dienst nutzen, melden Sie an, ohne noch einmal nach dem Passwort zu fragen.

## Fehler

error-unknown-client-heading = Unbekannte Anwendung
error-unknown-client-text = Die Anwendung, die Sie hierher geleitet hat, ist diesem Dienst nicht bekannt. Bitte wenden Sie sich an deren Betreiber.
error-redirect-uri-missing-heading = Rücksprungadresse fehlt
error-redirect-uri-missing-text = Die Anwendung hat nicht angegeben, wohin Sie nach der Anmeldung gelangen sollen. Bitte wenden Sie sich an deren Betreiber.
error-redirect-uri-not-registered-heading = Rücksprungadresse nicht registriert
error-redirect-uri-not-registered-text = Die Anwendung wollte Sie an eine Adresse leiten, die nicht für sie registriert ist. Zu Ihrem Schutz geht es hier nicht weiter. Bitte wenden Sie sich an den Betreiber der Anwendung.
error-setup-link-invalid-heading = Dieser Einrichtungslink funktioniert nicht
error-setup-link-invalid-text = Er ist abgelaufen, wurde schon benutzt oder ist unvollständig. Einen neuen gibt der Befehl `countersign setup-link` aus.
error-setup-closed-heading = Die Einrichtung ist abgeschlossen
error-setup-closed-text = Dieser Dienst hat bereits einen Administrator.
