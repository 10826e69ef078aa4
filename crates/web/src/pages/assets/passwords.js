for (const field of document.querySelectorAll('input[type=password]')) {
  const { show, hide } = field.form.dataset;
  const button = document.createElement('button');
  const turn = (type) => {
    field.type = type;
    button.textContent = type === 'password' ? show : hide;
    button.ariaLabel = `${button.textContent}: ${field.labels[0].textContent}`;
  };
  button.type = 'button';
  button.className = 'reveal';
  button.onclick = () => turn(field.type === 'password' ? 'text' : 'password');
  field.form.addEventListener('submit', () => turn('password'));
  turn('password');
  field.after(button);
}
