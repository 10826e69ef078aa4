# Texts of the pages in English. Every language file has the same names.

## Sign-in

login-title = Sign in
login-title-problem = Sign-in failed
login-heading = Sign in
login-for = to continue to { $client }
login-for-account = to open your account
login-for-device = to connect a device
login-confirming-heading = Confirm that it’s you
login-other = Not you? Use another account
login-username = Username or email
login-password = Password
login-submit = Sign in
login-rejected = That didn’t work. Check your username and password, and try again.
login-expired = This page was open for too long. Please sign in again.
login-throttled-seconds =
    { $count ->
        [one] Too many attempts. Please wait 1 second, then try again.
       *[other] Too many attempts. Please wait { $count } seconds, then try again.
    }
login-throttled-minutes =
    { $count ->
        [one] Too many attempts. Please wait 1 minute, then try again.
       *[other] Too many attempts. Please wait { $count } minutes, then try again.
    }

## Choosing an account

account-title = Choose an account
account-heading = Choose an account
account-for = to continue to { $client }
account-continue = Continue as { $name }
account-other = Use another account

## Consent

consent-title = Allow access
consent-heading = { $client } asks for access to your account
consent-heading-sign-in = Sign in to { $client }
consent-destination-site = You will then be sent to { $place }.
consent-destination-device = You will then be sent to a program on this device ({ $place }).
consent-scopes = If you allow it, { $client } can:
consent-sign-in-only = { $client } wants to sign you in. It receives an identifier for your account, and nothing else.
consent-sign-in-and = { $client } wants to sign you in and to:
consent-unverified = This application registered itself, and the operator of this service has not checked it. Allow access only if you know it and trust it.
consent-document = This application is not registered here. It says who it is on a page at { $host }, and the operator of this service has not checked it. Allow access only if you know it and trust it.
consent-asked-always = You are asked each time, because any program on this device could pose as this application. Allow access only if you have just started it yourself.
consent-allow = Allow
consent-deny = Don’t allow
scope-profile = See your profile
scope-profile-details = Name, username, picture, website, gender, birthday, language and time zone, as far as you have filled them in.
scope-email = See your email address
scope-email-details = And whether it has been confirmed.
scope-address = See your postal address
scope-address-details = Street, town, region, postcode and country.
scope-phone = See your phone number
scope-phone-details = And whether it has been confirmed.
scope-offline-access = Keep this access while you are away
scope-offline-access-details = The application can also use it when you are not there, even after you sign out, until the access is revoked.

## Devices

device-title = Connect a device
device-heading = Connect a device
device-text = Enter the code that your device shows.
device-linked = Type it even if you scanned a QR code or followed a link, so that you know it is your own device that is asking.
device-code = Code
device-code-hint = 8 letters, such as WDJB-MJHT. You can leave out the dash and use small letters.
device-code-rejected = This code is wrong or has expired. Check it, or ask your device for a new one.
device-code-not-the-links = This code is not the one in the link that brought you here. If someone sent you the link, close this page. If you scanned it from your own device, check the code.
device-code-expired = This page was open for too long. Please enter the code again.
device-throttled-seconds =
    { $count ->
        [one] Too many wrong codes. Please wait a second, then try again.
       *[other] Too many wrong codes. Please wait { $count } seconds, then try again.
    }
device-throttled-minutes =
    { $count ->
        [one] Too many wrong codes. Please wait a minute, then try again.
       *[other] Too many wrong codes. Please wait { $count } minutes, then try again.
    }
device-approval-title = Connect a device
device-approval-heading = Connect { $client } on another device?
device-approval-warning = If someone sent you this code or asked you to enter it, don’t allow this: they would get access to your account.
device-approval-request = The request
device-approval-time = Time
device-approval-minutes =
    { $count ->
        [0] Just now
        [one] A minute ago
       *[other] { $count } minutes ago
    }
device-approval-address = Network address
device-approval-program = Program
device-approval-unknown = Not known
device-approval-elsewhere = The request came from a different network than yours ({ $address }). Allow it only if you know why.
device-approval-stays = The device stays connected, even after you sign out here, until its access is revoked. Ask the operator of this service to do that.
device-allowed-title = Device connected
device-allowed-heading = Device connected
device-allowed-text = { $client } on your device will continue in a few seconds.
device-denied-title = Not connected
device-denied-heading = Not connected
device-denied-text = { $client } on the other device gets no access to your account.
device-close = You can close this page.

## Sign-out

logout-title = Sign out
logout-heading = Sign out?
logout-asked-by = { $client } would like to sign you out.
logout-effect = You will be signed out here. The applications that you opened are told; one that can’t be told may keep you signed in until its own session ends.
logout-confirm = Sign out
logout-cancel = Stay signed in
logout-problem-hint = The application’s proof of your sign-in was not accepted.
logout-problem-client = We don’t know which application is asking. You will stay on this page.
logout-problem-return-address = The application’s return address is not registered. You will stay on this page.
logout-problem-too-long = The application’s request is too long. You will stay on this page.
logout-problem-unreadable = The application’s request could not be read.
logout-problem-confirmation = That page was open for too long, or was opened in another browser. Please decide once more.
logged-out-title = Signed out
logged-out-heading = You are signed out
logged-out-text = You can close this window now.
logged-out-stayed-title = Still signed in
logged-out-stayed-heading = You are still signed in
logged-out-stayed-text = Nothing has changed. You can close this window now.
logged-out-telling = The applications that you opened are being told.
logged-out-telling-and-back = The applications that you opened are being told. You will be taken back in a moment.
logged-out-frame = Sign-out of an application
logged-out-continue = Back to { $client }
logged-out-continue-unnamed = Back to the application

## First setup

setup-title = First setup
setup-heading = Welcome
setup-text = Create the first account. It will be the administrator of this service.
setup-name = Name
setup-email = Email
setup-username = Username
setup-username-hint = You can sign in with this or with your email address.
setup-password = Password
setup-password-hint = At least { $minimum } characters. A few unrelated words make a good password.
setup-password-again = Repeat the password
setup-submit = Create account
setup-problems = Please check the following:
setup-problem-name-missing = Enter your name.
setup-problem-email-invalid = Enter an email address, such as name@example.com.
setup-problem-email-taken = This email address already belongs to an account.
setup-problem-username-invalid = Choose a username without spaces.
setup-problem-username-taken = This username already belongs to an account.
setup-problem-password-too-short = Choose a password of at least { $minimum } characters.
setup-problem-password-too-long = This password is too long.
setup-problem-password-too-common = This password is easy to guess. Choose another one.
setup-problem-passwords-differ = The two passwords are not the same.
setup-done-title = Setup is done
setup-done-heading = All set
setup-done-text = You are signed in, { $name }. From now on, sign in with the username and password that you chose.
setup-done-continue = Continue
setup-done-account = Your account

## The account page

your-account-title = Your account
your-account-heading = Your account
your-account-email = Email
your-account-applications = Your applications
your-account-text = You are signed in on this browser. Applications that use this service sign you in without asking for your password again.

## API tokens

tokens-title = API tokens
tokens-heading = API tokens
tokens-text = With an API token, a program can act for you without your password. Anyone who has the token can do what it allows, so keep it as safe as a password, and allow only what the program needs.
tokens-list = Your tokens
tokens-none = You have no tokens.
tokens-dates = Created on { $created }, valid until { $expires }
tokens-revoke = Revoke
tokens-created = Your new token
tokens-created-text = Copy it now. It is not shown again.
tokens-new = New token
tokens-name = Name
tokens-name-hint = What you will use it for, such as “nightly backup”.
tokens-scopes = What it can do
tokens-scope-openid = See who you are
tokens-days = Valid for
tokens-days-unit = days
tokens-create = Create token
tokens-problem-name-invalid = Choose a name of at most 64 characters.
tokens-problem-name-taken = You already have a token with this name. Choose another name.
tokens-problem-too-many = You have reached the maximum number of tokens. Revoke one that you no longer need.
tokens-problem-no-scope = Choose what the token can do.
tokens-problem-refused = That didn’t work. Please check what you chose, and try again.

## Errors

error-unknown-client-heading = Unknown application
error-unknown-client-text = This service does not know the application that sent you here. Please tell the people who run that application.
error-redirect-uri-missing-heading = Return address missing
error-redirect-uri-missing-text = The application did not say where to send you after signing in. Please tell the people who run that application.
error-redirect-uri-not-registered-heading = Return address not registered
error-redirect-uri-not-registered-text = The application asked to send you to an address that is not registered for it. To protect you, we stopped here. Please tell the people who run that application.
error-client-document-unusable-heading = The application could not be identified
error-client-document-unusable-text = The application that sent you here says who it is on a page of its own, and that page cannot be read or used. Please tell the people who run that application.
error-unvouched-client-heading = You were not signed in to the application
error-unvouched-client-text = The operator of this service has not checked the application. That is why we do not send you back to it on our own. Return to it only if you know it.
error-setup-link-invalid-heading = This setup link does not work
error-setup-link-invalid-text = It has expired, has already been used, or is incomplete. Run `countersign setup-link` to get a new one.
error-setup-closed-heading = Setup is closed
error-setup-closed-text = This service already has an administrator.
error-device-request-over-heading = This request is no longer valid
error-device-request-over-text = It has already been answered, or it has expired. If you still want to connect your device, get a new code from it.
