/** A few words of which one is chosen: radio buttons that look like one control. */

export interface ChoiceProps<T extends string> {
  /** What is chosen, for those who do not see it. */
  name: string
  options: readonly (readonly [value: T, label: string])[]
  value: T
  onChange: (value: T) => void
}

export function Choice<T extends string>({ name, options, value, onChange }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend class="unseen">{name}</legend>
      {options.map(([option, label]) => (
        <label key={option} class={option === value ? 'chosen' : ''}>
          <input
            type="radio"
            class="unseen"
            name={name}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}
