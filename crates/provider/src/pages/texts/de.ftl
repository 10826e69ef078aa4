# Die Texte der Seiten auf Deutsch. Jede Sprachdatei hat dieselben Namen.

## Anmeldung

login-title = Anmelden
login-title-problem = Anmeldung fehlgeschlagen
login-heading = Anmelden
login-for = weiter zu { $client }
login-for-account = weiter zu Ihrem Konto
login-for-device = um ein Gerät zu verbinden
login-confirming-heading = Bitte bestätigen Sie, dass Sie es sind
login-other = Nicht Sie? Anderes Konto verwenden
login-username = Benutzername oder E-Mail-Adresse
login-password = Passwort
login-submit = Anmelden
login-rejected = Das hat nicht geklappt. Bitte prüfen Sie Benutzername und Passwort und versuchen Sie es noch einmal.
login-expired = Diese Seite war zu lange offen. Bitte melden Sie sich noch einmal an.
login-throttled-seconds =
    { $count ->
        [one] Zu viele Versuche. Bitte warten Sie 1 Sekunde und versuchen Sie es dann noch einmal.
       *[other] Zu viele Versuche. Bitte warten Sie { $count } Sekunden und versuchen Sie es dann noch einmal.
    }
login-throttled-minutes =
    { $count ->
        [one] Zu viele Versuche. Bitte warten Sie 1 Minute und versuchen Sie es dann noch einmal.
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
consent-destination-site = Anschließend werden Sie zu { $place } weitergeleitet.
consent-destination-device = Anschließend werden Sie zu einem Programm auf diesem Gerät ({ $place }) weitergeleitet.
consent-scopes = Wenn Sie zustimmen, darf { $client }:
consent-sign-in-only = { $client } möchte Sie anmelden. Dafür erhält die Anwendung eine Kennung Ihres Kontos und sonst nichts.
consent-sign-in-and = { $client } möchte Sie anmelden und außerdem:
consent-unverified = Diese Anwendung hat sich selbst registriert und wurde vom Betreiber dieses Dienstes nicht geprüft. Erlauben Sie den Zugriff nur, wenn Sie sie kennen und ihr vertrauen.
consent-document = Diese Anwendung ist hier nicht registriert. Sie stellt sich auf einer Seite bei { $host } vor und wurde vom Betreiber dieses Dienstes nicht geprüft. Erlauben Sie den Zugriff nur, wenn Sie sie kennen und ihr vertrauen.
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
scope-offline-access = Diesen Zugriff in Ihrer Abwesenheit behalten
scope-offline-access-details = Die Anwendung kann ihn auch nutzen, wenn Sie nicht da sind, auch nach dem Abmelden, bis der Zugriff widerrufen wird.

## Geräte

device-title = Gerät verbinden
device-heading = Gerät verbinden
device-text = Geben Sie den Code ein, den Ihr Gerät anzeigt.
device-linked = Tippen Sie ihn auch dann ein, wenn Sie einen QR-Code gescannt haben oder einem Link gefolgt sind. So wissen Sie, dass Ihr eigenes Gerät anfragt.
device-code = Code
device-code-hint = 8 Buchstaben, zum Beispiel WDJB-MJHT. Den Strich können Sie weglassen, und Kleinbuchstaben gehen auch.
device-code-rejected = Dieser Code ist falsch oder abgelaufen. Bitte prüfen Sie ihn, oder lassen Sie sich von Ihrem Gerät einen neuen anzeigen.
device-code-not-the-links = Das ist nicht der Code des Links, der hierher geführt hat. Wenn Ihnen jemand den Link geschickt hat, schließen Sie diese Seite. Wenn Sie ihn von Ihrem eigenen Gerät gescannt haben, prüfen Sie den Code.
device-code-expired = Diese Seite war zu lange offen. Bitte geben Sie den Code noch einmal ein.
device-throttled-seconds =
    { $count ->
        [one] Zu viele falsche Codes. Bitte warten Sie eine Sekunde und versuchen Sie es dann noch einmal.
       *[other] Zu viele falsche Codes. Bitte warten Sie { $count } Sekunden und versuchen Sie es dann noch einmal.
    }
device-throttled-minutes =
    { $count ->
        [one] Zu viele falsche Codes. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.
       *[other] Zu viele falsche Codes. Bitte warten Sie { $count } Minuten und versuchen Sie es dann noch einmal.
    }
device-approval-title = Gerät verbinden
device-approval-heading = { $client } auf einem anderen Gerät verbinden?
device-approval-warning = Wenn Ihnen jemand diesen Code geschickt oder Sie gebeten hat, ihn einzugeben, lehnen Sie ab: Die Person bekäme sonst Zugriff auf Ihr Konto.
device-approval-request = Die Anfrage
device-approval-time = Zeitpunkt
device-approval-minutes =
    { $count ->
        [0] Gerade eben
        [one] Vor einer Minute
       *[other] Vor { $count } Minuten
    }
device-approval-address = Netzwerkadresse
device-approval-program = Programm
device-approval-unknown = Nicht bekannt
device-approval-elsewhere = Die Anfrage kam aus einem anderen Netz als Ihrem ({ $address }). Erlauben Sie sie nur, wenn Sie wissen, warum.
device-approval-stays = Das Gerät bleibt verbunden, auch wenn Sie sich hier abmelden, bis sein Zugriff widerrufen wird. Wenden Sie sich dafür an den Betreiber dieses Dienstes.
device-allowed-title = Gerät verbunden
device-allowed-heading = Gerät verbunden
device-allowed-text = { $client } macht auf Ihrem Gerät in wenigen Sekunden von selbst weiter.
device-denied-title = Nicht verbunden
device-denied-heading = Nicht verbunden
device-denied-text = { $client } auf dem anderen Gerät erhält keinen Zugriff auf Ihr Konto.
device-close = Sie können diese Seite schließen.

## Abmeldung

logout-title = Abmelden
logout-heading = Abmelden?
logout-asked-by = { $client } möchte Sie abmelden.
logout-effect = Sie werden hier abgemeldet. Die Anwendungen, die Sie geöffnet haben, werden benachrichtigt; eine, bei der das nicht möglich ist, kann Sie angemeldet lassen, bis ihre eigene Sitzung endet.
logout-confirm = Abmelden
logout-cancel = Angemeldet bleiben
logout-problem-hint = Der Nachweis Ihrer Anmeldung, den die Anwendung gesendet hat, wurde nicht akzeptiert.
logout-problem-client = Wir wissen nicht, von welcher Anwendung die Anfrage kommt. Sie bleiben auf dieser Seite.
logout-problem-return-address = Die Rücksprungadresse der Anwendung ist nicht registriert. Sie bleiben auf dieser Seite.
logout-problem-too-long = Die Anfrage der Anwendung ist zu lang. Sie bleiben auf dieser Seite.
logout-problem-unreadable = Die Anfrage der Anwendung konnte nicht gelesen werden.
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
setup-text = Legen Sie das erste Konto an. Es wird das Administratorkonto dieses Dienstes.
setup-name = Name
setup-email = E-Mail-Adresse
setup-username = Benutzername
setup-username-hint = Sie können sich damit oder mit Ihrer E-Mail-Adresse anmelden.
setup-password = Passwort
setup-password-hint = Mindestens { $minimum } Zeichen. Einige Wörter, die nicht zusammengehören, ergeben ein gutes Passwort.
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
your-account-applications = Ihre Anwendungen
your-account-text = Sie sind in diesem Browser angemeldet. Bei Anwendungen, die diesen Dienst nutzen, müssen Sie Ihr Passwort nicht noch einmal eingeben.

## API-Token

tokens-title = API-Token
tokens-heading = API-Token
tokens-text = Mit einem API-Token kann eines Ihrer Programme ohne Ihr Passwort für Sie handeln. Wer das Token hat, kann alles, was es erlaubt. Bewahren Sie es so sicher auf wie ein Passwort, und erlauben Sie ihm nur, was das Programm braucht.
tokens-list = Ihre Token
tokens-none = Sie haben keine Token.
tokens-dates = Erstellt am { $created }, gültig bis { $expires }
tokens-revoke = Widerrufen
tokens-created = Ihr neues Token
tokens-created-text = Kopieren Sie es jetzt. Es wird nicht wieder angezeigt.
tokens-new = Neues Token
tokens-name = Name
tokens-name-hint = Wofür Sie es verwenden, zum Beispiel „Nächtliche Sicherung“.
tokens-scopes = Was es darf
tokens-scope-openid = Sehen, wer Sie sind
tokens-days = Gültig für
tokens-days-unit = Tage
tokens-create = Token erstellen
tokens-problem-name-invalid = Wählen Sie einen Namen mit höchstens 64 Zeichen.
tokens-problem-name-taken = Sie haben schon ein Token mit diesem Namen. Wählen Sie einen anderen.
tokens-problem-too-many = Sie haben so viele Token, wie Sie haben dürfen. Widerrufen Sie eines, das Sie nicht mehr brauchen.
tokens-problem-no-scope = Wählen Sie aus, was das Token darf.
tokens-problem-refused = Das war nicht möglich. Bitte prüfen Sie Ihre Auswahl, und versuchen Sie es noch einmal.

## Fehler

error-unknown-client-heading = Unbekannte Anwendung
error-unknown-client-text = Die Anwendung, die Sie hierher geleitet hat, ist diesem Dienst nicht bekannt. Bitte wenden Sie sich an deren Betreiber.
error-redirect-uri-missing-heading = Rücksprungadresse fehlt
error-redirect-uri-missing-text = Die Anwendung hat nicht angegeben, wohin Sie nach der Anmeldung gelangen sollen. Bitte wenden Sie sich an deren Betreiber.
error-redirect-uri-not-registered-heading = Rücksprungadresse nicht registriert
error-redirect-uri-not-registered-text = Die Anwendung wollte Sie an eine Adresse leiten, die nicht für sie registriert ist. Zu Ihrem Schutz geht es hier nicht weiter. Bitte wenden Sie sich an den Betreiber der Anwendung.
error-client-document-unusable-heading = Die Anwendung konnte nicht erkannt werden
error-client-document-unusable-text = Die Anwendung, die Sie hierher geschickt hat, stellt sich auf einer eigenen Seite vor, und diese Seite lässt sich nicht lesen oder nicht verwenden. Bitte informieren Sie die Betreiber der Anwendung.
error-unvouched-client-heading = Sie wurden nicht bei der Anwendung angemeldet
error-unvouched-client-text = Die Anwendung wurde vom Betreiber dieses Dienstes nicht geprüft. Deshalb leiten wir Sie nicht von uns aus zu ihr zurück. Kehren Sie nur zu ihr zurück, wenn Sie sie kennen.
error-setup-link-invalid-heading = Dieser Einrichtungslink funktioniert nicht
error-setup-link-invalid-text = Er ist abgelaufen, wurde schon benutzt oder ist unvollständig. Mit `countersign setup-link` erhalten Sie einen neuen.
error-setup-closed-heading = Die Einrichtung ist abgeschlossen
error-setup-closed-text = Dieser Dienst hat bereits einen Administrator.
error-device-request-over-heading = Diese Anfrage gilt nicht mehr
error-device-request-over-text = Sie wurde bereits beantwortet oder ist abgelaufen. Wenn Sie Ihr Gerät weiterhin verbinden möchten, lassen Sie sich von ihm einen neuen Code anzeigen.
